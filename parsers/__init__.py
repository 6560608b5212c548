"""Parsers read: bytes or a form submission in, an IntakeRecord out. No clock, no network, no database."""
