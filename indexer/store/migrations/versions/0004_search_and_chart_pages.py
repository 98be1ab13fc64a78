"""What searches and chart pages keep beside the charts."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and columns."""
