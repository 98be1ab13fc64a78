"""``python -m catalog_web`` is ``chartroom``."""

from catalog_web.cli import main

main(prog_name="chartroom")
