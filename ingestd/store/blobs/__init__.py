"""Where raw mails and letters lie: a port with two adapters, and the rule which of them keeps what."""

from ingestd.store.blobs.blob import Blobs, digest
from ingestd.store.blobs.database import DatabaseBlobs, write_copy
from ingestd.store.blobs.directory import DirectoryBlobs

__all__ = ["Blobs", "DatabaseBlobs", "DirectoryBlobs", "digest", "write_copy"]
