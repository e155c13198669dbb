"""An SQLite database in memory that holds a schema and no rows, and is only ever asked how it would answer."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from verifier.sql.answers import plan_of, refusal_of
from verifier.sql.model import Definition, Plan, Refusal, Why
from verifier.sql.words import Sort, Word, words

_ERRORS = (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError)
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
"""https://www.sqlite.org/limits.html"""
_ALLOWED = frozenset(
    {
        *(sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE),
        *(sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_REINDEX),
        *(sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_DROP_INDEX),
        sqlite3.SQLITE_ALTER_TABLE,
    }
)
_ROWS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})
"""What no table or index that has no rows needs: `CREATE TABLE ... AS SELECT` would run."""
_MAKES = ("CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ", "ALTER TABLE ", "DROP INDEX verify_supposed")
_INDEXED = """
SELECT indexes.name, indexes."unique" AND NOT indexes.partial, columns.name
FROM pragma_index_list(?) AS indexes, pragma_index_info(indexes.name) AS columns
ORDER BY indexes.seq, columns.seqno
"""
"""For each column of each index of a table: the index, whether no two rows share its values, and the column."""
_MOST_STEPS = 4_000
"""Questions to the authorizer for one statement; a common table expression used often is expanded each time."""
_MOST_TABLES = 16
"""Tables in one statement."""
_MOST_FUNCTIONS = 6
"""Functions of other databases in one statement."""


def accepted(sql: str) -> bool:
    """Whether SQLite makes a table from a text."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
        connection.execute(sql)
    except _ERRORS:
        return False
    else:
        return True
    finally:
        connection.close()


class Database:
    """The schema in memory; `failed` holds the tables that SQLite could not make.

    Its authorizer lets nothing happen but making tables and indexes and asking for plans: no file is attached, no
    PRAGMA is set, no statement is run.
    """

    __slots__ = ("_asking", "_connection", "_steps", "columns", "failed")

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        for limit, value in _LIMITS.items():
            self._connection.setlimit(limit, value)
        self._steps = 0
        self._asking = False
        self.failed: frozenset[str] = frozenset()
        self.columns: dict[str, tuple[str, ...]] = {}
        self._connection.set_authorizer(self._authorize)
        failed = {each.table for each in definitions if not self._make(each.sql)}
        self.failed = frozenset(failed)
        for table in {each.table for each in definitions} - failed:
            self.columns[table] = self._columns(table)

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def explain(self, text: str) -> Plan | Refusal:
        """How SQLite would answer a statement, or why it refuses to."""
        found = words(text)
        if refusal := _too_much(found):
            return refusal
        made: list[str] = []
        self._asking = True
        while True:
            self._steps = 0
            try:
                # values stay unbound: EXPLAIN runs nothing
                marks = sum(each.sort is Sort.MARK for each in found)
                rows = self._connection.execute(f"EXPLAIN QUERY PLAN {text}", (None,) * marks).fetchall()
            except _ERRORS as error:
                refusal = refusal_of(str(error))
                if refusal.why is Why.FUNCTION and len(made) < _MOST_FUNCTIONS and len(refusal.name) < 100:
                    self._connection.create_function(refusal.name, -1, _nothing, deterministic=True)
                    made.append(refusal.name)
                    continue
                return refusal
            return plan_of([str(row[3]) for row in rows])

    @contextmanager
    def supposing(self, table: str, indexes: Sequence[Sequence[str]]) -> Iterator[bool]:
        """A time in which there are indexes on these lists of columns; gives whether SQLite can make them all."""
        made = [
            number
            for number, columns in enumerate(indexes)
            if self._make(
                f"CREATE INDEX verify_supposed_{number} ON {_quoted(table)} ({', '.join(map(_quoted, columns))})"
            )
        ]
        try:
            yield len(made) == len(indexes)
        finally:
            for number in made:
                self._make(f"DROP INDEX verify_supposed_{number}")

    def unique(self, table: str) -> list[tuple[str, ...]]:
        """The sets of columns of which no two rows share the values."""
        return [columns for columns, unique in self._keys(table) if unique]

    def leading(self, table: str) -> frozenset[str]:
        """The columns with which a key or an index begins."""
        return frozenset(columns[0] for columns, _ in self._keys(table))

    def _keys(self, table: str) -> list[tuple[tuple[str, ...], bool]]:
        """The columns of each key and index, and whether no two rows share their values."""
        self._connection.set_authorizer(None)
        try:
            found: list[tuple[tuple[str, ...], bool]] = [(("rowid",), True)]
            info = self._connection.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)).fetchall()
            key = tuple(name.lower() for name, place in sorted(info, key=lambda row: row[1]) if place)
            found += [(key, True)] if key else []
            columns = self._connection.execute(_INDEXED, (table,)).fetchall()
            for (_, alone), group in groupby(columns, key=itemgetter(0, 1)):
                names = [name for *_, name in group]
                if all(names):  # an expression has no name
                    found.append((tuple(name.lower() for name in names), bool(alone)))
            return found
        finally:
            self._connection.set_authorizer(self._authorize)

    def _columns(self, table: str) -> tuple[str, ...]:
        self._connection.set_authorizer(None)
        rows = self._connection.execute("SELECT name FROM pragma_table_xinfo(?)", (table,)).fetchall()
        self._connection.set_authorizer(self._authorize)
        return tuple(name.lower() for (name,) in rows)

    def _make(self, sql: str) -> bool:
        if not sql.startswith(_MAKES):
            return False
        self._steps = 0
        self._asking = False
        try:
            self._connection.execute(sql)
        except _ERRORS as error:
            return "already exists" in str(error) or "duplicate column name" in str(error)
        return True

    def _authorize(self, action: int, *_: str | None) -> int:
        self._steps += 1
        allowed = action in _ALLOWED and (self._asking or action not in _ROWS) and self._steps < _MOST_STEPS
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _nothing(*_: object) -> None:
    """Stands for a function that another database has."""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _too_much(found: Sequence[Word]) -> Refusal | None:
    """Refuse what takes SQLite long to prepare: expressions in WITH multiply wherever they are used."""
    names = Counter(each.key for each in found if each.named)
    if names["join"] + sum(each.text == "," for each in found) > 4_000 or names["join"] >= _MOST_TABLES:
        return Refusal(Why.OTHER, "too many tables")
    if not names["with"]:
        return None
    ways = 1
    for place, word in enumerate(found[:-2]):
        if found[place + 1].key == "as" and word.named and found[place + 2].key in {"(", "materialized", "not"}:
            ways *= max(1, names[word.key] - 1)
            if ways > 64:
                return Refusal(Why.OTHER, "too many uses of common table expressions")
    return None
