"""What Prometheus reads: counts and times, never an address, a subject or a host name (hostile input AU10)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

registry = CollectorRegistry()
_ACK_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 3600)

kept = Counter("ingestd_kept", "Deliveries committed, by door", ["door"], registry=registry)
refused = Counter("ingestd_not_kept", "Deliveries answered with try-again", ["door", "code"], registry=registry)
decided = Counter("ingestd_decided", "Arrivals that have their outcome", ["outcome"], registry=registry)
degraded = Counter("ingestd_degraded", "Messages that could only be read in part", registry=registry)
parse_seconds = Histogram("ingestd_parse_seconds", "Reading one message", registry=registry)
letters = Counter("ingestd_letters", "Letters by kind and ending", ["kind", "ending"], registry=registry)
late = Counter("ingestd_letters_late", "Letters that left after their window", ["kind"], registry=registry)
ack_seconds = Histogram(
    "ingestd_ack_seconds", "Arrival at the server to ack handed over", buckets=_ACK_SECONDS, registry=registry
)
parked = Gauge("ingestd_parked", "Arrivals set aside", registry=registry)
pending = Gauge("ingestd_pending", "Arrivals not decided yet", registry=registry)
outbox_waiting = Gauge("ingestd_outbox_waiting", "Letters not carried yet", registry=registry)
journal_dropped = Gauge("ingestd_journal_dropped", "Journal lines that found no room", registry=registry)
requests = Counter("ingestd_http_requests", "HTTP requests by route and status", ["route", "status"], registry=registry)


def exposition() -> bytes:
    """Return everything in Prometheus' text format."""
    return generate_latest(registry)
