"""What the relay's answers and the network's troubles mean for a letter: one of them in, an ending out. Pure.

4xx and every unknown trouble is Again, 5xx is Refused (RFC 5321 §4.2.1), except where the answer speaks of our
connection or login and so says nothing about the letter.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import timedelta

from aiosmtplib import SMTPException, SMTPResponseException

from ingestd.outbox.courier import Again, Ending, Refused, one_line

LOGIN_WAIT = timedelta(minutes=5)
"""A wrong password tried at every letter locks the account."""
SERVICE_CLOSING = 421
ABOUT_THE_SESSION = frozenset({SERVICE_CLOSING, 503, 530, 534, 535, 538})
"""Closing, bad sequence, login needed or failed (RFC 5321 §4.2.3, RFC 4954 §6): never a letter's fate."""


class SessionTrouble(Exception):
    """The connection is of no more use; ``ending`` is what that means for the mail."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.ending = Again(one_line(reason), retry_after)


def ending_of_answer(code: int, text: str, verb: str) -> Ending:
    """Return what a 4xx or 5xx answer to ``verb`` says of the mail. Raise SessionTrouble for any other answer."""
    reason = one_line(f"{code} {text} ({verb})")
    if code in ABOUT_THE_SESSION or not 400 <= code <= 599:
        raise SessionTrouble(reason)
    return Refused(reason) if code >= 500 else Again(reason)


def ending_of_trouble(error: Exception) -> Ending:
    """Return what any exception of a try says of the mail. Total; names no host, path or setting."""
    match error:
        case SessionTrouble():
            return error.ending
        case SMTPResponseException():  # greeting and EHLO are the two that are left to aiosmtplib
            return _ending_of_greeting(error)
        case TimeoutError():
            return Again("the relay did not answer in time")
        case OSError():
            return Again(one_line(_network_reason(error)))
        case SMTPException():
            return Again(one_line(f"the relay cannot be used: {error.message}"))
    return Again(f"unexpected trouble at the courier: {type(error).__name__}")


def _network_reason(error: OSError) -> str:
    """asyncio's own sentences name the relay's address; the error's number says as much."""
    match error:
        case OSError(__cause__=OSError() as cause):
            return _network_reason(cause)
        case ssl.SSLCertVerificationError():
            return f"the relay's certificate was not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS with the relay: {error.reason}"
        case socket.gaierror():
            return "the relay's name cannot be found"
        case OSError(errno=int(number)) if number > 0:
            return f"no connection to the relay: {os.strerror(number)}"
    return "the relay closed the connection"


def _ending_of_greeting(answer: SMTPResponseException) -> Ending:
    try:
        return ending_of_answer(answer.code, answer.message, "greeting")
    except SessionTrouble as trouble:
        return trouble.ending
