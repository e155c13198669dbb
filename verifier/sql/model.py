"""The values of the SQL checks: what a schema declares, what a file asks, and how SQLite would answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import libcst as cst

from verifier.semantics.model import Call


class Dialect(StrEnum):
    """Whose SQL a text is; the names are those of sqlglot."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    MYSQL = "mysql"
    UNKNOWN = ""


class Kind(StrEnum):
    """What a definition makes."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One CREATE TABLE, CREATE INDEX or ALTER TABLE ADD COLUMN in SQLite's words."""

    kind: Kind
    table: str
    """In lower case."""
    sql: str
    node: cst.CSTNode | None = None
    """What stands for it in the checked file; None where it comes from another file."""
    below: int = 0
    """How many lines below the node's first one (or the file's) it begins."""
    file: str = ""
    """The path of the other file that it comes from."""


@dataclass(frozen=True, slots=True)
class Schema:
    """All that is known of a file's tables, and what is known to be unknown."""

    definitions: tuple[Definition, ...] = ()
    vague: frozenset[str] = frozenset()
    """Tables that exist, but whose columns are not surely known: no finding is about one."""
    unindexed: frozenset[str] = frozenset()
    """Tables that may have indexes which nobody could read: no finding is about a missing one."""
    unsure: bool = False
    """Whether any table may have indexes which nobody could read."""
    altered: bool = False
    """Whether any table may have more columns, by an ALTER TABLE whose text is not known."""
    open: bool = True
    """Whether there may be tables besides; False needs every source of tables to have been read."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The values given beside a text: how many by place, or the names; None where that is not known."""

    count: int | None = None
    names: frozenset[str] | None = None
    rows: bool = False
    """Whether they are those of one row of `executemany`."""
    scalar: bool = False
    """Whether a single value stands where a sequence of values is wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement that a file runs, every value from outside a `?`."""

    text: str
    dialect: Dialect
    call: Call
    """The call that runs it: what a finding points at, with its scope, order and loop."""
    raw: str = ""
    """The text as the driver gets it, its own placeholders in place; empty where there are holes or no text."""
    dynamic: bool = False
    """Whether a piece of it that is not a value is unknown: a table's name, a list of columns, a condition."""
    bound: Bound | None = None
    """None where nothing is known of them, or no driver's method gets them."""
    driver: str = ""
    """The method's name where a driver's cursor or connection surely runs it: execute, executemany, executescript."""
    sites: tuple[str, ...] = field(default=())
    """Packages whose placeholders count, as `sqlite3` or `psycopg2`; empty where it is not known."""


class Way(StrEnum):
    """How SQLite reads a table."""

    SCAN = "scan"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Access:
    """One line of a query plan about a table."""

    way: Way
    name: str
    """The table, or its alias where the statement gives it one."""
    line: str
    """SQLite's own words."""
    index: str = ""
    """The index, `PRIMARY KEY` for the key itself, or empty."""
    automatic: bool = False
    """Whether SQLite builds the index for this one run."""
    equal: tuple[str, ...] = ()
    """Columns compared with `=` that the search uses."""
    ranged: tuple[str, ...] = ()
    """Columns compared with `<` or `>` that the search uses."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What SQLite would do to answer a statement."""

    accesses: tuple[Access, ...]
    sorts: tuple[str, ...]
    """`USE TEMP B-TREE FOR ...`, as it says it."""


class Why(StrEnum):
    """Why SQLite refuses a statement."""

    TABLE = "table"
    COLUMN = "column"
    FUNCTION = "function"
    SYNTAX = "syntax"
    VALUES = "values"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Refusal:
    """SQLite's refusal, with the name that it does not know."""

    why: Why
    words: str
    name: str = ""
