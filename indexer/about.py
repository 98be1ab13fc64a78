"""What this program says of itself."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Return the version of Chartroom; empty where it runs from its folder without being installed."""
    try:
        return version("chartroom")
    except PackageNotFoundError:
        return ""
