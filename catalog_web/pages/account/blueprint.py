"""What all pages of one's own account hang on."""

from flask import Blueprint

pages = Blueprint("account", __name__, url_prefix="/account")
