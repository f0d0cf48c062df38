"""Where tasks may connect to (reliability S16): pure rules over addresses; the client asks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.errors import Forbidden, Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: answers of cloud machines about themselves, with credentials; never a target by default
_METADATA = tuple(ip_network(n) for n in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128",
                                          "100.100.100.200/32", "192.0.0.192/32"))  # fmt: skip


class RefusedTarget(Forbidden):
    """A task may not connect to this address."""


@dataclass(frozen=True)
class OutgoingPolicy:
    """What is allowed: private and loopback ranges or not, and networks that always are."""

    allow_private: bool = False
    allowed: tuple[Network, ...] = ()

    @classmethod
    def of(cls, *, allow_private: bool, allowed: str) -> "OutgoingPolicy":
        """From settings; `allowed` is a list of networks. Raises Invalid for one that is none."""
        try:
            names = [name.strip() for name in allowed.split(",") if name.strip()]
            return cls(allow_private, tuple(ip_network(name) for name in names))
        except ValueError as error:
            raise Invalid(f"outgoing_allowed: {error}") from None

    def check(self, text: str) -> str:
        """The address, when a task may connect to it. Raises RefusedTarget."""
        address = _unmapped(ip_address(text.partition("%")[0]))
        if any(address in network for network in self.allowed):
            return text
        if any(address in network for network in _METADATA):
            raise RefusedTarget(f"{address} is a link-local or metadata address")
        # `::1` lies in a block that is reserved as a whole
        is_reserved = address.is_reserved and not address.is_loopback
        if address.is_multicast or address.is_unspecified or is_reserved:
            raise RefusedTarget(f"{address} is no address of a server")
        if not self.allow_private and not address.is_global:
            raise RefusedTarget(f"{address} is a private address (setting outgoing_allowed)")
        return text

    def first_allowed(self, addresses: Sequence[str]) -> str:
        """The first address of a name, when all of them are allowed. Raises RefusedTarget."""
        checked = [self.check(address) for address in addresses]
        return checked[0]


def _unmapped(address: Address) -> Address:
    """The IPv4 address within an IPv6 one, however it is wrapped."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ip_network("64:ff9b::/96"):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address
