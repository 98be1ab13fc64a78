"""Which addresses may be dialled. Pure: names are resolved by whoever dials.

An own table of ranges: ``ipaddress.is_global`` takes NAT64, 6to4 and others, which lead to inner addresses, for
public ones (CVE-2024-4032). An address that carries an IPv4 address inside is judged by that one as well.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network

DEFAULT_ALLOW = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Company repositories live there."""
LOOPBACK = ("127.0.0.0/8", "::1/128")

_SPECIAL = tuple(
    ip_network(one)
    for one in (
        # IANA special-purpose registries: what is not globally reachable, and what leads elsewhere.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All IPv6 addresses that IANA gives out (RFC 4291, 2.4); of the others many carry an inner IPv4 address."""
_METADATA = tuple(
    map(ip_network, ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16"))
)
"""Where clouds (several, then AWS, Google, Alibaba and Azure) give credentials to whoever asks from within. Some lie in
ranges that companies use, or among public addresses, so each is open only where it is allowed by itself."""
_V4_MAPPED, _NAT64 = ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96")
_SIX_TO_FOUR, _V4_COMPATIBLE = ip_network("2002::/16"), ip_network("::/96")


@dataclass(frozen=True, slots=True)
class Network:
    """``allow``: ranges beside public addresses; ``own``: further ones for the hosts ``own_hosts`` alone."""

    allow: tuple[Range, ...] = ()
    own: tuple[Range, ...] = ()
    own_hosts: frozenset[str] = frozenset()
    unguarded: bool = False

    def permits(self, host: str, address: str) -> bool:
        """Whether ``address``, to which ``host`` (in lower case) leads, may be dialled."""
        if self.unguarded:
            return True
        allowed = self.allow + self.own if host in self.own_hosts else self.allow
        return all(_permits(allowed, one) for one in _meant(ip_address(address.partition("%")[0])))


OPEN = Network(unguarded=True)
"""Every address: for what only the operator of the server can name."""


def network(allow: Iterable[str], own: Iterable[str] = (), own_hosts: Iterable[str] = ()) -> Network:
    """A Network of ranges written as text. Raises ValueError."""
    ranges, more = (tuple(ip_network(one, strict=False) for one in some) for some in (allow, own))
    return Network(ranges, more, frozenset(own_hosts))


def is_special(address: str) -> bool:
    """Whether ``address`` is no ordinary public one, itself or by the IPv4 address inside it."""
    return any(_special(one) for one in _meant(ip_address(address.partition("%")[0])))


def _permits(allowed: Collection[Range], address: Address) -> bool:
    named = ip_network(address)
    if named in _METADATA:
        return named in allowed
    return not _special(address) or any(address in one for one in allowed)


def _special(address: Address) -> bool:
    unassigned = isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST
    return unassigned or any(address in one for one in (*_SPECIAL, *_METADATA))


def _meant(address: Address) -> tuple[Address, ...]:
    """What is really reached by ``address``. A v4-mapped one is the IPv4 address; NAT64, 6to4 and v4-compatible ones
    count as themselves too, so that they must be allowed in so many words."""
    if isinstance(address, IPv4Address):
        return (address,)
    value = int(address)
    if address in _V4_MAPPED:
        return (IPv4Address(value & 0xFFFFFFFF),)
    if address in _NAT64 or (address in _V4_COMPATIBLE and value > 1):
        return (address, IPv4Address(value & 0xFFFFFFFF))
    if address in _SIX_TO_FOUR:
        return (address, IPv4Address((value >> 80) & 0xFFFFFFFF))
    return (address,)
