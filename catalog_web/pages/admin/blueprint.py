"""What all administrators' pages hang on."""

from flask import Blueprint

from catalog_web.pages.admin.sections import shown_sections

pages = Blueprint("admin", __name__, url_prefix="/admin")
pages.add_app_template_global(shown_sections, "admin_sections")
