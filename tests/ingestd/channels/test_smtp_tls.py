"""STARTTLS at the SMTP door."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.doors import GREETING, OpenDoor, RawClient

from ingestd.errors import ConfigError


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A certificate made for this run, so that no key lies in the repository."""
    folder = tmp_path_factory.mktemp("tls")
    return make_certificate(folder)


def make_certificate(folder: Path) -> dict[str, Path]:
    """Write a self-signed certificate for localhost and its key."""
    found = {"cert": folder / "cert.pem", "key": folder / "key.pem"}
    openssl = shutil.which("openssl")
    assert openssl, "install openssl to run these tests"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    outputs = ["-keyout", str(found["key"]), "-out", str(found["cert"]), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([openssl, *request.split(), *outputs], check=True, capture_output=True)
    return found


@pytest.fixture
def door(tmp_path: Path, files: dict[str, Path]) -> Iterator[OpenDoor]:
    with OpenDoor(tmp_path, tls=files) as opened:
        yield opened


def trusting(files: dict[str, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=files["cert"])
    context.check_hostname = False
    return context


def secured(client: RawClient, context: ssl.SSLContext) -> RawClient:
    """Go on under TLS after the server said 220."""
    client.socket = context.wrap_socket(client.socket)
    client._file = client.socket.makefile("rb")
    return client


def test_mail_comes_in_under_tls(door: OpenDoor, files: dict[str, Path]) -> None:
    """The dialogue begins anew under TLS, the envelope says so, and large messages come whole."""
    content = b"x" * 76 + b"\r\n" + b"y" * 1_000_000 + b"\r\n"
    with door.client() as client:
        client.starttls(context=trusting(files))
        client.ehlo()
        assert "starttls" not in client.esmtp_features
        assert "auth" not in client.esmtp_features
        client.sendmail("w@x.cn", ["support@example.com"], content)
        client.sendmail("w@x.cn", ["support@example.com"], b"small\r\n")
    assert [octets for _, octets in door.keeping.kept] == [content, b"small\r\n"]
    assert all(incoming.envelopes[0].tls for incoming, _ in door.keeping.kept)


def test_certificates_lie_beside_the_config(tmp_path: Path, files: dict[str, Path]) -> None:
    """Relative paths start at the config's folder, as the check reads them, wherever the daemon was started."""
    names = {key: Path(path.name) for key, path in files.items()}
    with OpenDoor(tmp_path, tls=names, beside=files["cert"].parent) as door, door.client() as client:
        assert client.starttls(context=trusting(files))[0] == 220


def test_commands_injected_before_tls_are_forgotten(door: OpenDoor, files: dict[str, Path]) -> None:
    """What stood in the same packet as STARTTLS is not executed under TLS (SM2)."""
    with door.raw() as client:
        client.ask("EHLO client.test")
        client.send(b"STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@x.cn>\r\n")
        assert client.reply().startswith("220")
        secured(client, trusting(files))
        assert client.ask("MAIL FROM:<w@x.cn>").startswith("503 5.5.1")
        assert client.ask("EHLO client.test").startswith("250")
        assert client.ask("MAIL FROM:<w@x.cn>").startswith("250")
        assert client.ask("STARTTLS").startswith("503")


def test_what_was_said_in_the_clear_is_forgotten(door: OpenDoor, files: dict[str, Path]) -> None:
    """RFC 3207 §4.2: an envelope begun before TLS does not count under it."""
    with door.raw() as client:
        client.send(GREETING + b"MAIL FROM:<w@x.cn>\r\nSTARTTLS\r\n")
        assert [client.reply()[:3] for _ in range(3)] == ["250", "250", "220"]
        secured(client, trusting(files))
        assert client.ask("RCPT TO:<support@example.com>").startswith("503")


def test_where_tls_is_required_mail_waits_for_it(tmp_path: Path, files: dict[str, Path]) -> None:
    """With require_tls nothing is accepted in the clear."""
    with OpenDoor(tmp_path, tls=files, require_tls=True) as door, door.client() as client:
        client.ehlo()
        assert client.mail("w@x.cn")[0] == 530
        client.starttls(context=trusting(files))
        assert client.sendmail("w@x.cn", ["support@example.com"], b"x\r\n") == {}


def test_old_tls_is_refused(door: OpenDoor, files: dict[str, Path]) -> None:
    """Nothing below TLS 1.2 is spoken; the client is cut off and the door works on."""
    context = trusting(files)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with door.raw() as client:
        client.ask("EHLO client.test")
        assert client.ask("STARTTLS").startswith("220")
        with pytest.raises(OSError):  # noqa: PT011 - an SSL alert or a closed connection, as the platform has it
            secured(client, context)
    with door.client() as client:
        client.starttls(context=trusting(files))
        assert client.ehlo()[0] == 250


def test_a_client_that_leaves_during_the_handshake_leaves_nothing(tmp_path: Path, files: dict[str, Path]) -> None:
    """Whoever goes after 220, silently or with rubbish, gives the place back."""
    with OpenDoor(tmp_path, tls=files, max_connections=1) as door:
        for octets in (b"", b"rubbish\r\n" * 10):
            client = door.raw()
            client.ask("EHLO client.test")
            assert client.ask("STARTTLS").startswith("220")
            client.send(octets)
            client.close()
            while not (following := door.raw()).greeting.startswith("220"):
                following.close()
            following.ask("QUIT")
            following.rest()
            following.close()
        assert [event for event, _ in door.events if event != "connections-refused"] == []


def test_a_client_that_vanishes_under_tls_does_not_stop_the_commit(door: OpenDoor, files: dict[str, Path]) -> None:
    """What is being kept is kept to the end under TLS, too (F32)."""
    door.keeping.hold()
    with door.raw() as client:
        client.ask("EHLO client.test")
        client.ask("STARTTLS")
        secured(client, trusting(files))
        client.begin_data()
        client.send(b"x\r\n.\r\n")
        assert door.keeping.begun.wait(5)
    door.keeping.release()
    assert door.keeping.ended.wait(5)
    assert (len(door.keeping.kept), door.keeping.cancelled) == (1, 0)


def test_a_renewed_certificate_serves_the_next_client(tmp_path: Path) -> None:
    """After renewal new connections get the new certificate; a broken file changes nothing and says what to do."""
    (tmp_path / "tls").mkdir()
    files = make_certificate(tmp_path / "tls")
    old = trusting(files)
    with OpenDoor(tmp_path, tls=files) as door:
        make_certificate(tmp_path / "tls")
        door.door.renew_certificate()
        with door.client() as client, pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=old)
        fresh = trusting(files)
        files["cert"].write_text("broken")
        with pytest.raises(ConfigError, match="write PEM files"):
            door.door.renew_certificate()
        with door.client() as client:
            assert client.starttls(context=fresh)[0] == 220


def test_a_missing_certificate_stops_the_start(tmp_path: Path) -> None:
    """The door does not open without the TLS it was told to offer."""
    missing = {"cert": tmp_path / "no.pem", "key": tmp_path / "no.key"}
    opened = OpenDoor(tmp_path, tls=missing)
    with pytest.raises(ConfigError, match=r"no\.pem"):
        opened.loop.run_until_complete(opened.door.start())
    opened.loop.close()
