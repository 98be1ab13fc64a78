"""The one blueprint of all pages about sources."""

from flask import Blueprint

pages = Blueprint("sources", __name__)
