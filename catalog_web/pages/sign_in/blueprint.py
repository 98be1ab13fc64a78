"""What all pages of signing in hang on."""

from flask import Blueprint

pages = Blueprint("sign_in", __name__)
