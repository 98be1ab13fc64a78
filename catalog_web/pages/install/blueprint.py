"""The blueprint of the install page and of presets."""

from flask import Blueprint

pages = Blueprint("install", __name__)
