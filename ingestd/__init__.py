"""ingestd keeps and carries: everything that waits, stores, decides about tickets, sends and serves."""

__version__ = "0.1.0"
