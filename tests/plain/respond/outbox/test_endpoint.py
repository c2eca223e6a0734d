"""Which addresses may be entered, and where a name may lead (RELIABILITY, outgoing; OWASP API7)."""

import socket
from ipaddress import ip_network

import pytest

from distribution_visibility.lib.respond.outbox import addresses
from distribution_visibility.lib.respond.outbox.endpoint import Policy, Refused, read_endpoint, resolve

BLOCKED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.255", "192.0.2.1", "192.88.99.3", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1", "", "nonsense",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
          "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]  # fmt: skip


@pytest.mark.parametrize("text", BLOCKED)
def test_an_address_of_no_public_network_is_refused(text):
    assert not addresses.is_public(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_taken(text):
    assert addresses.is_public(text)


def test_the_first_and_the_last_address_of_every_blocked_network_are_refused():
    for network in (*addresses.BLOCKED_4, *addresses.BLOCKED_6, *map(ip_network, ("fc00::/7", "ff00::/8"))):
        assert not addresses.is_public(str(network[0])) and not addresses.is_public(str(network[-1]))


@pytest.mark.parametrize("text", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "::"])
def test_an_administrator_can_allow_private_networks_but_never_link_local_ones(text):
    assert not addresses.is_internal(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/", "https://0/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
        "https://10.0.0.5/", "https://169.254.169.254/latest/meta-data/", "https://0x7f.1/", "https://[fe80::1]/",
    ],
)  # fmt: skip
def test_a_number_that_means_this_machine_is_refused_in_every_spelling(url):
    with pytest.raises(Refused, match="private or reserved"):
        read_endpoint(url, Policy())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example/", "Only https"),
        ("ftp://hooks.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("hooks.example/x", "https://"),
        ("https://hooks.example:22/", "Port 22"),
        ("https://hooks.example:0/", "Port 0"),
        ("https://hooks.example:99999/", "no web address"),
        ("https://user:secret@hooks.example/", "user name"),
        ("https://hooks.example@evil.example/", "user name"),
        ("https://hooks.example/#x", "after #"),
        ("https://hooks.example/ x", "blanks"),
        ("https://hooks.example\\@evil.example/", "blanks"),
        ("https://hooks.example/\r\nHost: x", "blanks"),
        ("https://bücher.example/", "accents"),
        ("https:///x", "missing"),
        ("https://[::1/", "no web address"),
        ("https://-x-.example/", "missing or malformed"),
        ("https://a..b/", "missing or malformed"),
        ("https://" + "a" * 3000, "blanks"),
        ("", "blanks"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_with_its_reason(url, words):
    with pytest.raises(Refused, match=words):
        read_endpoint(url, Policy())


def test_a_good_address_is_taken_apart():
    endpoint = read_endpoint("https://Hooks.Example:8443/a/b?c=d", Policy())
    assert (endpoint.host, endpoint.port, endpoint.target) == ("hooks.example", 8443, "/a/b?c=d")
    assert endpoint.authority == "hooks.example:8443" and not endpoint.is_internal
    assert read_endpoint("https://hooks.example", Policy()).authority == "hooks.example"


def test_an_internal_server_is_allowed_by_name_and_port_only():
    policy = Policy(internal=frozenset({("n8n", 5678)}))
    assert read_endpoint("http://n8n:5678/webhook/x", policy).is_internal
    for url in ("http://n8n/", "http://n8n:5679/", "http://other:5678/", "http://n8n.evil.example:5678/"):
        with pytest.raises(Refused):
            read_endpoint(url, policy)


def names(*found):
    return lambda _host, port, **_options: [
        (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found
    ]


def test_an_internal_name_may_lead_to_a_private_address_and_not_to_the_metadata_service():
    endpoint = read_endpoint("http://n8n:5678/", Policy(internal=frozenset({("n8n", 5678)})))
    assert [one.ip for one in resolve(endpoint, names("172.18.0.4"))] == ["172.18.0.4"]
    with pytest.raises(Refused):
        resolve(endpoint, names("169.254.169.254"))


def test_a_name_that_nobody_knows_is_said_so():
    def lookup(*_arguments, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Refused, match="not known"):
        resolve(read_endpoint("https://nowhere.example/", Policy()), lookup)
