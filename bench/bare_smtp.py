"""A bare SMTP door, for comparison: every mail into a new file, synced before its 250, and nothing else.

``python -m bench.bare_smtp FOLDER`` prints its port and serves until it is told to stop. It takes one mail at a time
per connection, lines by StreamReader, the sync in a thread as any door must do it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from pathlib import Path

ANSWERS = {
    b"EHLO": b"250-bare.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Door:
    """Serves sessions into one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    async def session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak RFC 5321 with one client until it quits."""
        writer.write(b"220 bare.example ESMTP\r\n")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while (verb := (await reader.readuntil(b"\r\n"))[:4].upper()) != b"QUIT":
                writer.write(ANSWERS.get(verb, b"250 ok\r\n"))
                if verb == b"DATA":
                    data = await reader.readuntil(b"\r\n.\r\n")
                    await asyncio.to_thread(keep, self._folder / str(next(self._numbers)), data)
                    writer.write(b"250 kept\r\n")
            writer.write(ANSWERS[b"QUIT"])
        writer.close()


def keep(path: Path, data: bytes) -> None:
    """Write a mail durably. The folder's own entry is left to luck, which favours this path."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


async def main() -> None:
    """Serve on a free port of loopback and print the port."""
    server = await asyncio.start_server(Door(Path(sys.argv[1])).session, "127.0.0.1", 0, limit=64 * 2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
