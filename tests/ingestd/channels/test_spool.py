"""Where a message waits while it comes in."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ingestd.channels import spool as spool_module
from ingestd.channels.spool import IN_MEMORY, Spool, SpooledMessage, free_octets

pytestmark = pytest.mark.anyio


def unchanged(stretch: bytes) -> bytes:
    return stretch


async def test_a_small_message_never_touches_the_disk(tmp_path: Path) -> None:
    """Up to the limit a message is handed on as bytes, with its size and digest."""
    async with SpooledMessage(Spool(tmp_path), unchanged) as message:
        await message.add(b"a" * (IN_MEMORY - 1))
        await message.add(b"b")
        content = await message.finish()
    assert content == b"a" * (IN_MEMORY - 1) + b"b"
    assert (message.size, message.sha256) == (IN_MEMORY, hashlib.sha256(content).hexdigest())
    assert list(tmp_path.iterdir()) == []


async def test_a_large_message_is_a_private_file_until_the_end(tmp_path: Path) -> None:
    """Past the limit it is a file only we may read, whole and in order, and gone afterwards."""
    pieces = [bytes([number]) * 100_000 for number in range(10)]
    async with SpooledMessage(Spool(tmp_path), unchanged) as message:
        for piece in pieces:
            await message.add(piece)
        path = await message.finish()
        assert isinstance(path, Path)
        assert path.read_bytes() == b"".join(pieces)
        assert path.stat().st_mode & 0o777 == 0o600
    assert (message.size, message.sha256) == (1_000_000, hashlib.sha256(b"".join(pieces)).hexdigest())
    assert list(tmp_path.iterdir()) == []


async def test_what_is_stored_is_what_purify_returns(tmp_path: Path) -> None:
    """Size and digest are those of the stored octets, in memory and in the file."""
    for count in (1, 10):
        async with SpooledMessage(Spool(tmp_path), bytes.upper) as message:
            for _ in range(count):
                await message.add(b"a" * 100_000)
            content = await message.finish()
            stored = content.read_bytes() if isinstance(content, Path) else content
            assert stored == b"A" * 100_000 * count
        assert message.sha256 == hashlib.sha256(stored).hexdigest()


async def test_the_file_goes_even_when_keeping_fails(tmp_path: Path) -> None:
    """Whatever is raised inside, nothing is left behind; a file that is already gone is no trouble."""

    async def keep_badly(*, moves_the_file: bool) -> None:
        async with SpooledMessage(Spool(tmp_path), unchanged) as message:
            await message.add(b"a" * 300_000)
            path = await message.finish()
            if moves_the_file:
                os.unlink(path)
            raise RuntimeError("the store is down")

    for moves_the_file in (False, True):
        with pytest.raises(RuntimeError, match="the store is down"):
            await keep_badly(moves_the_file=moves_the_file)
        assert list(tmp_path.iterdir()) == []


async def test_what_a_crash_left_is_cleared(tmp_path: Path) -> None:
    """Leftovers were never accepted, so the next start removes them, and nothing else."""
    spool = Spool(tmp_path / "smtp-main")
    assert await spool.prepare() == 0
    path, file = spool.create()
    file.close()
    (spool.folder / "keep.txt").write_text("not ours")
    assert await Spool(tmp_path / "smtp-main").prepare() == 1
    assert not path.exists()
    assert (spool.folder / "keep.txt").exists()


async def test_free_space_is_asked_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is noticed, and so is its recovery (P20); in between one answer serves many."""
    answers = iter([100, 5, 200])
    spool = Spool(tmp_path, free=lambda folder: next(answers))
    assert await spool.has_room(100)
    assert not await spool.has_room(101)
    monkeypatch.setattr(spool_module, "SPACE_IS_KNOWN_FOR", 0)
    assert not await spool.has_room(100)
    assert await spool.has_room(100)


async def test_a_folder_that_cannot_be_asked_has_no_room(tmp_path: Path) -> None:
    """A vanished or broken disk counts as full: the sender tries again."""
    assert not await Spool(tmp_path / "missing").has_room(1)
    assert free_octets(tmp_path) > 0
