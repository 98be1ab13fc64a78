"""The blueprint that the pages of a chart share."""

from flask import Blueprint

pages = Blueprint("chart", __name__)
