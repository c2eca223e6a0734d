"""Which network addresses a delivery may go to (server-side request forgery, OWASP API7).

Python's own ``is_global`` lets through multicast, NAT64, 6to4 and others, differently in each
version, so the networks are listed here.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_BLOCKED_4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local, and the clouds' metadata services
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relay
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
# Of IPv6 only global unicast is let through at all, which leaves out ::, ::1, the forms that hold an
# IPv4 address (::ffff:0:0/96, ::ffff:0:0:0/96, ::/96), NAT64, unique local, link-local and multicast.
_GLOBAL_6 = ip_network("2000::/3")
_BLOCKED_6 = (
    "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: an IPv4 address in disguise
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
# What an administrator may allow by name and port. Never link-local: there are the clouds' secrets.
_INTERNAL = (
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
)  # fmt: skip

BLOCKED_4 = tuple(map(ip_network, _BLOCKED_4))
BLOCKED_6 = tuple(map(ip_network, _BLOCKED_6))
INTERNAL = tuple(map(ip_network, _INTERNAL))


def is_public(text: str) -> bool:
    """Whether an address, as ``getaddrinfo`` gives it, is one of the open internet."""
    address = _read(text)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in BLOCKED_4)
    if isinstance(address, IPv6Address):
        return address in _GLOBAL_6 and not any(address in network for network in BLOCKED_6)
    return False


def is_internal(text: str) -> bool:
    """Whether an address is one of a private network or of this machine itself."""
    address = _read(text)
    return address is not None and any(address in network for network in INTERNAL)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        # A zone (fe80::1%eth0) is no part of the address.
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
