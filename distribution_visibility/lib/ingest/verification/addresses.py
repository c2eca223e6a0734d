"""Lists of addresses that may send, in addition to (never instead of) a signature."""

import functools
import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and CIDR networks, of IPv4 and IPv6.

    :raises ValueError: when a text is neither; the message names it.
    """
    return _parse(tuple(texts))


def is_allowed(address: str, texts: Sequence[str]) -> bool:
    """Whether an address is in one of the networks; False for a text that is no address.

    An IPv4 address that a dual-stack socket shows as ``::ffff:a.b.c.d`` counts as IPv4.
    """
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer.version == network.version and peer in network for network in parse_networks(texts))


@functools.lru_cache(maxsize=256)
def _parse(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)
