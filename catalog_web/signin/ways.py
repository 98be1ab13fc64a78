"""Which ways of signing in are switched on."""

from indexer.config import Config
from indexer.people_options import SignIn


def ways(config: Config) -> tuple[SignIn, ...]:
    """The ways, in the order of the configuration; none where everybody may do everything."""
    return tuple(one for one in config.sign_in if one != "none")


def asks_who(config: Config) -> bool:
    """Whether people have to say who they are."""
    return bool(ways(config))
