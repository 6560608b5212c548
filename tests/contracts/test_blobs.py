"""What every blob store promises: durable before anything refers to it, once for its content, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from ingestd.errors import Temporary
from ingestd.store.blobs import Blobs, DatabaseBlobs, DirectoryBlobs, digest
from ingestd.store.session import Store

INLINE_BELOW = 64
SMALL, LARGE = b"small\0\xff", b"large\r\n" * 40_000
CONTENTS = [b"", b"x", SMALL, b"x" * (INLINE_BELOW - 1), b"x" * INLINE_BELOW, LARGE]


@pytest.fixture(params=["directory", "directory with rows", "database"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Each adapter in turn; the database is that of ``store``."""
    if request.param == "database":
        return DatabaseBlobs()
    return DirectoryBlobs(tmp_path / "blobs", INLINE_BELOW if "rows" in request.param else 0)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder of readers' copies."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def put(store: Store, blobs: Blobs, content: bytes | Path) -> str:
    """Both halves of a put; return the name."""
    name = digest(content if isinstance(content, bytes) else content.read_bytes())
    if blobs.needs_preparing(content):
        blobs.prepare(name, content)
    store.write(lambda tx: blobs.put(tx, name, content)).result(30)
    return name


def get(store: Store, blobs: Blobs, name: str) -> bytes:
    """Read it back."""
    return store.read(lambda tx: blobs.get(tx, name))


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_what_was_put_comes_back_octet_for_octet(store: Store, blobs: Blobs, content: bytes) -> None:
    """Raw mail is never changed, small or large, empty or full of NULs."""
    assert get(store, blobs, put(store, blobs, content)) == content


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_a_file_is_put_like_octets(store: Store, blobs: Blobs, content: bytes, tmp_path: Path) -> None:
    """A door hands over what it spooled."""
    spooled = tmp_path / "spooled"
    spooled.write_bytes(content)
    assert get(store, blobs, put(store, blobs, spooled)) == content
    assert spooled.exists()


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_the_same_content_twice_is_one_blob(store: Store, blobs: Blobs, content: bytes) -> None:
    """A put that is repeated after a crash, or by two doors at once, harms nothing."""
    name = put(store, blobs, content)
    assert put(store, blobs, content) == name
    assert get(store, blobs, name) == content


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_two_threads_may_put_the_same(store: Store, blobs: Blobs, content: bytes) -> None:
    """The same mail to two addresses in two sessions."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            put(store, blobs, content)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert get(store, blobs, digest(content)) == content


@pytest.mark.parametrize("content", CONTENTS, ids=len)
def test_a_reader_in_another_process_gets_a_file(store: Store, blobs: Blobs, content: bytes, scratch: Path) -> None:
    """The parser's child reads a path: the blob itself, or a copy that the caller removes."""
    name = put(store, blobs, content)
    path = store.read(lambda tx: blobs.path(tx, name, scratch))
    assert path.read_bytes() == content
    if path.parent == scratch:
        path.unlink()
        assert get(store, blobs, name) == content


def test_two_readers_have_copies_of_their_own(store: Store, blobs: Blobs, scratch: Path) -> None:
    """One reader's removing never takes away another's file."""
    name = put(store, blobs, SMALL)
    first, second = (store.read(lambda tx: blobs.path(tx, name, scratch)) for _ in range(2))
    if first.parent == scratch:
        first.unlink()
    assert second.read_bytes() == SMALL


def test_several_rows_are_read_in_one_visit(store: Store, blobs: Blobs) -> None:
    """What is a file, or not there at all, is left out, and nobody else goes without his octets for it."""
    contents = {put(store, blobs, content): content for content in (SMALL, SMALL[:-1], LARGE)}
    found = store.read(lambda tx: blobs.get_rows(tx, [*contents, digest(b"never put")]))
    rows = {name: content for name, content in contents.items() if not blobs.needs_preparing(content)}
    assert found == rows
    assert store.read(lambda tx: blobs.get_rows(tx, [])) == {}


@pytest.mark.parametrize("name", [digest(b"never put"), "", "..", "../../etc/passwd", "g" * 64, "A" * 64])
def test_what_is_not_there_is_a_key_error(store: Store, blobs: Blobs, name: str, scratch: Path) -> None:
    """Also for names that are none: no name leads out of the store."""
    for ask in (blobs.get, lambda tx, n: blobs.path(tx, n, scratch)):
        with pytest.raises(KeyError):
            store.read(lambda tx, ask=ask: ask(tx, name))


def test_a_put_whose_unit_failed_is_no_harm(store: Store, blobs: Blobs) -> None:
    """What was prepared and never referred to may lie there; a later put finishes it."""
    blobs.prepare(digest(LARGE), LARGE)

    def unit(tx: object) -> None:
        blobs.put(tx, digest(LARGE), LARGE)  # type: ignore[arg-type] # a Tx
        raise ConnectionError

    assert isinstance(store.write(unit).exception(30), ConnectionError)
    assert get(store, blobs, put(store, blobs, LARGE)) == LARGE


class TestDirectory:
    """What holds for files only."""

    def test_a_file_appears_whole_or_not_at_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The name is given after the sync: whoever sees the file sees all of it, and a failed write leaves nothing."""
        blobs = DirectoryBlobs(tmp_path)
        seen: list[list[Path]] = []
        real = os.fsync

        def look(descriptor: int) -> None:
            seen.append([path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith(".")])
            real(descriptor)

        monkeypatch.setattr(os, "fsync", look)
        blobs.prepare(digest(LARGE), LARGE)
        before, after = seen
        assert before == []
        assert [path.read_bytes() for path in after] == [LARGE]

    def test_file_and_folder_are_synced_in_this_order(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The octets, then the name: after a power failure there is no name without octets (P1)."""
        blobs = DirectoryBlobs(tmp_path)
        done: list[str] = []
        real_sync, real_link = os.fsync, os.link
        monkeypatch.setattr(os, "fsync", lambda fd: (done.append(_kind(fd)), real_sync(fd)))
        monkeypatch.setattr(os, "link", lambda a, b: (done.append("link"), real_link(a, b)))
        blobs.prepare(digest(LARGE), LARGE)
        assert done == ["file", "link", "folder"]
        blobs.prepare(digest(LARGE), LARGE)
        assert done[3:] == ["folder"]  # the first writer's sync may still be to come

    @pytest.mark.parametrize(
        ("number", "code"), [(errno.ENOSPC, "storage-full"), (errno.EDQUOT, "storage-full"), (errno.EIO, "storage")]
    )
    def test_a_disk_that_fails_is_temporary_and_leaves_no_draft(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
    ) -> None:
        """Full is said as full; a failed sync is never treated as success (F9, P20)."""
        blobs = DirectoryBlobs(tmp_path)

        def fail(_descriptor: int) -> None:
            raise OSError(number, "broken")

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(Temporary) as caught:
            blobs.prepare(digest(LARGE), LARGE)
        assert caught.value.code == code
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_small_content_makes_no_file(self, tmp_path: Path, store: Store) -> None:
        """Below the border a row in the group commit is cheaper than two syncs."""
        blobs = DirectoryBlobs(tmp_path / "blobs", INLINE_BELOW)
        assert not blobs.needs_preparing(SMALL)
        assert blobs.needs_preparing(LARGE)
        name = put(store, blobs, SMALL)
        assert get(store, DatabaseBlobs(), name) == SMALL


def _kind(descriptor: int) -> str:
    return "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
