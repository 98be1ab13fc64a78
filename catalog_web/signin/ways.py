"""Which ways of signing in are switched on."""

from indexer.config import Config
from indexer.people import UserKind
from indexer.people_options import SignIn


def ways(config: Config) -> tuple[SignIn, ...]:
    """The ways, in the order of the configuration; none where everybody may do everything."""
    return tuple(one for one in config.sign_in if one != "none")


def is_switched_on(config: Config, kind: UserKind) -> bool:
    """Whether accounts of this kind come in: those of a way that the configuration dropped are closed with it."""
    return kind == "service" or kind in ways(config)


def asks_who(config: Config) -> bool:
    """Whether people have to say who they are."""
    return bool(ways(config))
