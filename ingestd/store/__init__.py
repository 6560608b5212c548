"""The store keeps: every arrival, ticket, letter and lease, in one database with one set of rules.

Only this room imports SQLAlchemy. Others hand it a unit of work and get a value back.
"""
