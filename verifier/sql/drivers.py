"""Which database a file talks to, and which of its calls hand a text to the database's own driver."""

from __future__ import annotations

import re

import libcst as cst

from verifier.semantics.guards import dotted
from verifier.semantics.infer import Inference
from verifier.semantics.model import Call, Facts
from verifier.sql.model import Dialect

DRIVERS = {
    "sqlite3": Dialect.SQLITE,
    "aiosqlite": Dialect.SQLITE,
    "apsw": Dialect.SQLITE,
    "psycopg2": Dialect.POSTGRES,
    "psycopg": Dialect.POSTGRES,
    "asyncpg": Dialect.POSTGRES,
    "pg8000": Dialect.POSTGRES,
    "aiopg": Dialect.POSTGRES,
    "pymysql": Dialect.MYSQL,
    "MySQLdb": Dialect.MYSQL,
    "mysql": Dialect.MYSQL,
    "aiomysql": Dialect.MYSQL,
}
_WRAPPERS = frozenset(
    {
        *("sqlalchemy", "databases", "cs50", "django", "peewee", "records", "dataset", "sqlmodel", "flask_sqlalchemy"),
        *("flask_mysqldb", "pony", "tortoise", "duckdb", "pyodbc", "cx_Oracle", "oracledb", "snowflake", "pymssql"),
    }
)
"""Packages that run SQL in their own way or for other databases."""
METHODS = frozenset({"execute", "executemany", "executescript"})
_ASYNCPG = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval"})
_RECEIVER = re.compile(
    r"(^|_)(c|cur|curs|cursor|con|conn|cnx|connection|db|database|pool|tx|dbcursor|dbconn|mycursor|crsr)\d*$",
    re.IGNORECASE,
)
_TYPES = re.compile(r"cursor|connection", re.IGNORECASE)
_URL = re.compile(r"[\"'](sqlite|postgres|mysql|mariadb)[a-z]*(?:\+\w+)?:")
_OF_URL = {
    "sqlite": Dialect.SQLITE,
    "postgres": Dialect.POSTGRES,
    "mysql": Dialect.MYSQL,
    "mariadb": Dialect.MYSQL,
}


def imported(facts: Facts) -> frozenset[str]:
    """The top-level names of the packages that a file imports."""
    found = {each.record.module.split(".", 1)[0] for each in facts.imports if not each.record.level}
    return frozenset(found)


def dialect(packages: frozenset[str], text: str) -> Dialect:
    """The one dialect that a file's imports, or the URLs in its text, speak for; unknown where they disagree."""
    found = {DRIVERS[each] for each in packages if each in DRIVERS}
    if packages & _WRAPPERS:
        found |= {_OF_URL[each[1]] for each in _URL.finditer(text)}
    return found.pop() if len(found) == 1 else Dialect.UNKNOWN


def sites(packages: frozenset[str]) -> tuple[str, ...]:
    """The driver packages of a file, none where a package that wraps them is imported too."""
    return () if packages & _WRAPPERS else tuple(sorted(packages & DRIVERS.keys()))


def driven(call: Call, inference: Inference, packages: tuple[str, ...]) -> str:
    """The method's name where a call surely goes to a cursor or connection of the file's driver, else empty."""
    if not packages or not isinstance(call.node.func, cst.Attribute):
        return ""
    name = call.node.func.attr.value
    if name not in (_ASYNCPG if packages == ("asyncpg",) else METHODS):
        return ""
    receiver = call.node.func.value
    types = inference.types(receiver, call.scope, call.order)
    if types:
        known = all(each.split(".", 1)[0] in DRIVERS and _TYPES.search(each.rsplit(".", 1)[-1]) for each in types)
        return name if known else ""
    if isinstance(receiver, cst.Call):
        receiver = receiver.func
    last = (dotted(receiver) or "").rsplit(".", 1)[-1]
    return name if _RECEIVER.search(last) else ""
