"""Where the pages of apps are registered."""

from flask import Blueprint

pages = Blueprint("apps", __name__)
