"""The statements of the road that every mail walks: compiled once for each database, then handed to the driver.

SQLAlchemy writes the SQL and knows how values are stored. What it does anew for each execution costs more here than the
database does, so that part is done once. Everything else uses ``Tx.execute``.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Insert,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from ingestd.store.types import Strings

Values = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement came to: its rows, and how many it found or changed."""

    rows: Sequence[Any]
    rowcount: int

    def first(self) -> Any | None:
        """Return the first row, or None."""
        return self.rows[0] if self.rows else None

    def scalar(self) -> Any | None:
        """Return the first column of the first row, or None."""
        return self.rows[0][0] if self.rows else None


class Prepared:
    """One statement, spelt for both databases. Its parameters are named; ``run`` it on a ``Tx``.

    A list after IN would unfold anew each time; see ``among``.
    """

    def __init__(self, statement: Executable, postgres: Executable | None = None) -> None:
        self._statements = (statement, statement if postgres is None else postgres)
        self._plans: dict[tuple[object, ...], Plan] = {}

    def plan(self, dialect: Dialect, keys: Values) -> Plan:
        """Return how it is run with values of these names; worked out the first time."""
        is_postgres = dialect.name == "postgresql"
        name = (is_postgres, *keys)
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plans[name] = _planned(self._statements[is_postgres], dialect, keys)
        return plan


class Rows:
    """An insert of any number of rows with the same columns, as one statement.

    ``insert`` makes the insert of a table for either dialect: it is where ON CONFLICT and RETURNING are said.
    """

    def __init__(self, table: Table, insert: Callable[[Table, bool], Insert]) -> None:
        self._table = table
        self._insert = insert
        self._statements: dict[int, Prepared] = {}

    def call(self, rows: Sequence[Values]) -> Call:
        """Return the statement for so many rows (at least one), and its values."""
        statement = self._statements.get(len(rows))
        if statement is None:
            statement = self._statements[len(rows)] = Prepared(
                self._spelt(rows, postgres=False), self._spelt(rows, postgres=True)
            )
        return statement, {f"row{place}_{name}": row[name] for place, row in enumerate(rows) for name in row}

    def _spelt(self, rows: Sequence[Values], *, postgres: bool) -> Executable:
        named = [
            {name: bindparam(f"row{place}_{name}", type_=self._table.c[name].type) for name in row}
            for place, row in enumerate(rows)
        ]
        return self._insert(self._table, postgres).values(named)


class _Parameter(NamedTuple):
    """Where a value comes from: a name, or a constant of the statement; and how it is stored."""

    key: str | None
    constant: Any
    convert: _Convert


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled statement: its text, its parameters in order, and how its rows are read."""

    sql: str
    names: tuple[str, ...]
    parameters: tuple[_Parameter, ...]
    by_position: bool
    row: Callable[[Any], Any]

    def bound(self, values: Values) -> Any:
        """Return the values as the driver wants them."""
        stored = [
            constant if key is None else values[key] if convert is None else convert(values[key])
            for key, constant, convert in self.parameters
        ]
        return stored if self.by_position else dict(zip(self.names, stored, strict=True))


def among(column: ColumnElement[str], name: str, *, postgres: bool) -> ColumnElement[bool]:
    """The condition that a column is one of the strings in the parameter ``name``, however many they are."""
    given = bindparam(name, type_=Strings())
    if postgres:
        return column == func.any(given)
    return column.in_(select(func.json_each(given).table_valued("value").c.value))


Call = tuple[Prepared, Values]


def _planned(statement: Executable, dialect: Dialect, keys: Values) -> Plan:
    compiled = statement.compile(dialect=dialect, column_keys=list(keys))  # type: ignore[attr-defined]  # every ClauseElement has it
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or ()) if compiled.positional else tuple(compiled.binds)
    parameters = tuple(_parameter(compiled.binds[name], dialect, keys) for name in names)
    return Plan(compiled.string, names, parameters, compiled.positional, _reader(compiled, dialect))


def _parameter(bind: BindParameter[Any], dialect: Dialect, keys: Values) -> _Parameter:
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.key in keys:
        return _Parameter(bind.key, None, convert)
    if bind.required:
        raise KeyError(f"the statement needs a value for {bind.key}")
    constant = bind.effective_value
    return _Parameter(None, convert(constant) if convert else constant, None)


def _reader(compiled: SQLCompiler, dialect: Dialect) -> Callable[[Any], Any]:
    """Return what makes a row of named columns out of the driver's tuple."""
    columns = compiled._result_columns  # the one place where SQLAlchemy tells the types of what comes back
    if not columns:
        return tuple
    row = namedtuple("Row", [column.keyname for column in columns], rename=True)  # type: ignore[misc]  # names come with the statement
    converts = [(place, convert) for place, column in enumerate(columns) if (convert := _convert(column.type, dialect))]
    if not converts:
        return row._make

    def read(stored: Sequence[Any]) -> Any:
        values = list(stored)
        for place, convert in converts:
            values[place] = convert(values[place])
        return row._make(values)

    return read


def _convert(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def run(connection: Connection, calls: Sequence[Call]) -> Answer:
    """Run statements in the connection's transaction, one after the other, and answer the last of them.

    Raise what SQLAlchemy would raise. Several go to a PostgreSQL server in one journey (its pipeline mode).
    """
    if not connection.in_transaction():
        connection.begin()
    plans = [prepared.plan(connection.dialect, values) for prepared, values in calls]
    driver: Any = connection.connection.dbapi_connection
    try:
        with _one_journey(connection, calls):
            for plan, (_, values) in zip(plans, calls, strict=True):
                cursor = driver.cursor()
                cursor.execute(plan.sql, plan.bound(values))
        rows = [plan.row(row) for row in cursor.fetchall()] if cursor.description else ()
        return Answer(rows, cursor.rowcount)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, plans[-1].sql, error) from error


def _one_journey(connection: Connection, calls: Sequence[Call]) -> AbstractContextManager[object]:
    if len(calls) == 1 or connection.dialect.name != "postgresql":
        return nullcontext()
    driver: Any = connection.connection.dbapi_connection
    pipeline: AbstractContextManager[object] = driver.pipeline()
    return pipeline


def _told(connection: Connection, sql: str, error: Exception) -> Exception:
    """The driver's error under SQLAlchemy's name, its values left out; a lost connection is not used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]  # the loaded driver's own
    if lost:
        connection.invalidate(error)
    base = dialect.loaded_dbapi.Error
    told: Exception = DBAPIError.instance(
        sql, None, error, base, hide_parameters=True, connection_invalidated=lost, dialect=dialect
    )
    return told
