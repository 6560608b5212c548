"""Responders write: Facts about a ticket in, a Letter out. Nothing here sends anything."""
