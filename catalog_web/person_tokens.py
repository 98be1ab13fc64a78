"""The tokens of people's own sign-ins, for the clusters that are asked with them."""

from dataclasses import dataclass

from catalog_web.install.cluster import TokenOf, no_token


@dataclass(slots=True)
class PersonTokens:
    """One for each process. Signing in, which stands on the services, says here where they come from; a process in
    which no provider signs people in has none."""

    source: TokenOf = no_token

    def of(self, person: str) -> str:
        """See TokenOf."""
        return self.source(person)
