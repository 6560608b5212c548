"""What the SMTP door answers to each command (RFC 5321 §4.1), as pure rules: no sockets, no clock.

It knows where a client stands in the dialogue. Carrying bytes, TLS and messages is left to ``smtp_session``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ingestd.channels.smtp_address import Recipients, read_path

MAX_COMMAND_LINE = 4096
"""Octets. RFC 5321 §4.5.3.1.4 asks for 512, extensions add to it; no honest client comes near this."""

TLS_RECORD = b"\x16"
"""The first octet of a TLS hello, which no SMTP command begins with."""
_FOREIGN_WORDS = frozenset({"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH", "PRI"})
_PROTOCOL_ERRORS = frozenset({"500", "501", "502", "503", "504", "555"})


class Reply(NamedTuple):
    """One answer: the text without the last CRLF, and what the session does after (or instead of) saying it."""

    text: str
    then: Literal["go on", "take message", "start tls", "close"] = "go on"

    @property
    def is_protocol_error(self) -> bool:
        """Is the client's SMTP wrong, as opposed to its wish refused?"""
        return self.text[:3] in _PROTOCOL_ERRORS


OK = Reply("250 2.0.0 OK")
BYE = Reply("221 2.0.0 bye", then="close")
TOO_LONG_COMMAND = Reply("500 5.5.2 command line too long")
NOT_SMTP = Reply("500 5.5.2 this is an SMTP server", then="close")
BAD_SYNTAX = Reply("500 5.5.2 bad syntax")
UNKNOWN_COMMAND = Reply("500 5.5.1 command not recognised")
NO_ARGUMENTS = Reply("501 5.5.4 this command takes no arguments")
HELLO_SYNTAX = Reply("501 5.5.4 say EHLO and your host name")
HELLO_FIRST = Reply("503 5.5.1 say EHLO first")
TLS_FIRST = Reply("530 5.7.0 use STARTTLS first")
TLS_NOT_OFFERED = Reply("502 5.5.1 STARTTLS is not offered")
TLS_ALREADY = Reply("503 5.5.1 TLS is already in use")
TLS_READY = Reply("220 2.0.0 ready to start TLS", then="start tls")
MAIL_SYNTAX = Reply("501 5.5.4 write MAIL FROM:<address>")
MAIL_AGAIN = Reply("503 5.5.1 a sender has been named; say RSET first")
BAD_SENDER = Reply("553 5.1.7 the sender address is malformed")
TOO_BIG = Reply("552 5.3.4 the message is larger than this server takes")
BAD_PARAMETERS = Reply("555 5.5.4 parameters not recognised")
RCPT_SYNTAX = Reply("501 5.5.4 write RCPT TO:<address>")
NULL_RECIPIENT = Reply("501 5.1.3 the null address receives no mail")
BAD_RECIPIENT = Reply("553 5.1.3 the recipient address is malformed")
MAIL_FIRST = Reply("503 5.5.1 say MAIL first")
NOT_OURS = Reply("550 5.7.1 this server takes no mail for that address")
TOO_MANY_RECIPIENTS = Reply("452 4.5.3 too many recipients; send the others in another message")
RCPT_FIRST = Reply("503 5.5.1 no recipient has been accepted")
CANNOT_VERIFY = Reply("252 2.5.2 cannot verify, but will take mail for known addresses")
HELP = Reply("214 2.0.0 see RFC 5321")
TAKE_MESSAGE = Reply("354 end the message with <CR><LF>.<CR><LF>", then="take message")


@dataclass(frozen=True)
class Rules:
    """What this door accepts; sizes in octets."""

    hostname: str
    recipients: Recipients
    max_size: int
    max_recipients: int
    offers_tls: bool
    requires_tls: bool


class Dialogue:
    """One client's dialogue. After STARTTLS a new one begins (RFC 3207 §4.2)."""

    def __init__(self, rules: Rules, *, tls: bool = False) -> None:
        self.tls = tls
        self.helo: str | None = None
        self.mail_from: str | None = None
        self.recipients: dict[str, str] = {}
        self._rules = rules

    def answer(self, line: bytes) -> Reply:
        """Answer one command line (its CRLF taken off). No line can make this raise."""
        if line.startswith(TLS_RECORD):
            return NOT_SMTP
        try:
            command, _, argument = line.decode().strip().partition(" ")
        except UnicodeDecodeError:
            return BAD_SYNTAX
        verb = command.upper()
        if verb in _FOREIGN_WORDS:
            return NOT_SMTP
        if not argument.isprintable():
            return BAD_SYNTAX
        rule = _VERBS.get(verb)
        return rule(self, argument.strip()) if rule else UNKNOWN_COMMAND

    def reset(self) -> None:
        """Forget the sender and the recipients, as RSET and the end of a message do."""
        self.mail_from = None
        self.recipients = {}

    def _helo(self, argument: str) -> Reply:
        return self._hello(argument, [])

    def _ehlo(self, argument: str) -> Reply:
        starttls = ["STARTTLS"] if self._rules.offers_tls and not self.tls else []
        size = f"SIZE {self._rules.max_size}"
        return self._hello(argument, [size, "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", *starttls])

    def _hello(self, argument: str, extensions: list[str]) -> Reply:
        if not argument:
            return HELLO_SYNTAX
        self.reset()
        self.helo = argument[:255]
        lines = [self._rules.hostname, *extensions]
        return Reply("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    def _starttls(self, argument: str) -> Reply:
        if argument:
            return NO_ARGUMENTS
        if self.tls:
            return TLS_ALREADY
        return TLS_READY if self._rules.offers_tls else TLS_NOT_OFFERED

    def _mail(self, argument: str) -> Reply:
        if early := self._too_early():
            return early
        if self.mail_from is not None:
            return MAIL_AGAIN
        if argument[:5].upper() != "FROM:":
            return MAIL_SYNTAX
        path = read_path(argument[5:])
        if path is None:
            return BAD_SENDER
        refusal = self._refuse_parameters(path[1])
        if refusal is None:
            self.mail_from = path[0]
        return refusal or OK

    def _refuse_parameters(self, parameters: list[str]) -> Reply | None:
        for parameter in parameters:
            name, _, value = parameter.upper().partition("=")
            if name == "SIZE" and re.fullmatch(r"[0-9]{1,20}", value):  # RFC 1870 §3
                if int(value) > self._rules.max_size:
                    return TOO_BIG
            elif (name, value) not in (("BODY", "7BIT"), ("BODY", "8BITMIME"), ("SMTPUTF8", "")):
                return BAD_PARAMETERS
        return None

    def _rcpt(self, argument: str) -> Reply:
        if early := self._too_early():
            return early
        if self.mail_from is None:
            return MAIL_FIRST
        if argument[:3].upper() != "TO:":
            return RCPT_SYNTAX
        path = read_path(argument[3:])
        if path is None:
            return BAD_RECIPIENT
        address, parameters = path
        return BAD_PARAMETERS if parameters else self._add_recipient(address)

    def _add_recipient(self, address: str) -> Reply:
        if not address:
            return NULL_RECIPIENT
        known = self._rules.recipients.find(address)
        if known is None:
            return NOT_OURS
        if known.lower() not in self.recipients and len(self.recipients) >= self._rules.max_recipients:
            return TOO_MANY_RECIPIENTS
        self.recipients.setdefault(known.lower(), known)
        return OK

    def _data(self, argument: str) -> Reply:
        if argument:
            return NO_ARGUMENTS
        if early := self._too_early():
            return early
        return TAKE_MESSAGE if self.recipients else RCPT_FIRST

    def _too_early(self) -> Reply | None:
        if self._rules.requires_tls and not self.tls:
            return TLS_FIRST
        return None if self.helo else HELLO_FIRST

    def _rset(self, argument: str) -> Reply:
        self.reset()
        return OK

    def _noop(self, argument: str) -> Reply:
        return OK

    def _vrfy(self, argument: str) -> Reply:
        return CANNOT_VERIFY

    def _help(self, argument: str) -> Reply:
        return HELP

    def _quit(self, argument: str) -> Reply:
        return BYE


_VERBS: dict[str, Callable[[Dialogue, str], Reply]] = {
    "HELO": Dialogue._helo,
    "EHLO": Dialogue._ehlo,
    "STARTTLS": Dialogue._starttls,
    "MAIL": Dialogue._mail,
    "RCPT": Dialogue._rcpt,
    "DATA": Dialogue._data,
    "RSET": Dialogue._rset,
    "NOOP": Dialogue._noop,
    "VRFY": Dialogue._vrfy,
    "HELP": Dialogue._help,
    "QUIT": Dialogue._quit,
}
