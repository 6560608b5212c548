"""Where the HTTP server listens is said once, plainly."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ingestd.web.settings import WebSettings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:0", ("localhost", 0)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),
    ],
)
def test_an_address_to_listen_on(text: str, address: tuple[str, int]) -> None:
    """Host and port, IPv6 in brackets; port 0 lets the system choose."""
    assert WebSettings(listen=text).address == address


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "127.0.0.1", "127.0.0.1:65536", "::1:80", "a b:80", "http://x:80"]
)
def test_no_address_to_listen_on(text: str) -> None:
    """The sentence shows one of each kind."""
    with pytest.raises(ValidationError, match=r'"127\.0\.0\.1:8080" or "\[::1\]:8080"'):
        WebSettings(listen=text)


@pytest.mark.parametrize(
    ("text", "network"), [("127.0.0.1", "127.0.0.1/32"), ("10.0.0.0/8", "10.0.0.0/8"), ("::1", "::1/128")]
)
def test_a_proxy_is_an_address_or_a_network(text: str, network: str) -> None:
    """Both are kept as networks."""
    assert WebSettings(trusted_proxies=(text,)).trusted_proxies == (network,)


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.1/8", "", "*"])
def test_a_name_is_no_proxy(text: str) -> None:
    """Who is believed about addresses is not asked of DNS."""
    with pytest.raises(ValidationError, match="address or a network"):
        WebSettings(trusted_proxies=(text,))


@pytest.mark.parametrize(("text", "base"), [("", ""), ("/", ""), ("/support/", "/support"), ("/a/b", "/a/b")])
def test_the_base_has_no_slash_at_its_end(text: str, base: str) -> None:
    """So that links can be put behind it."""
    assert WebSettings(base=text).base == base


@pytest.mark.parametrize("text", ["support", "//x", "/a b", "/a?b", "https://x/"])
def test_no_base(text: str) -> None:
    """A base is a path and nothing else."""
    with pytest.raises(ValidationError, match="/support"):
        WebSettings(base=text)
