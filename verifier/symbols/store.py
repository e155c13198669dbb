"""Tables of modules from earlier files and runs: the last few in memory, all of them in one SQLite file."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from verifier.model import Project
from verifier.symbols.model import SCHEMA, Table

_Result = TypeVar("_Result")

_FILE = "symbols.sqlite3"
_BUSY_SECONDS = 2.0
_DAYS = 60
"""Rows are forgotten that long after they were written; what is still in use is read anew."""
_MOST_BYTES = 500_000_000
"""A file larger than this is begun again."""
_MOST_RECENT = 400
_DAY_SECONDS = 24 * 3600
_BEGUN_ANEW = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""The last one says, of statements that are always the same, that the tables in the file are not ours."""
_TABLE = """
    create table if not exists tables (
        file text not null, module text not null, python text not null, platform text not null,
        at integer not null, identity text not null, data blob not null,
        primary key (file, module, python, platform)
    )
"""
_SELECT = """
    select data from tables where file = ? and module = ? and python = ? and platform = ? and identity = ?
"""
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Table)
_recent: dict[Key, Table] = {}
"""Tables of this process, the one asked for last at the end; a worker examines many files that import the same."""


class Key(NamedTuple):
    """What a table was read from and for: the file as it was, its module, the target."""

    file: str
    size: int
    changed: int
    """Time of the last change in nanoseconds."""
    module: str
    python: str
    platform: str
    distribution: str
    version: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What has one row in the store, however often the file changes."""
        return self.file, self.module, self.python, self.platform

    @property
    def identity(self) -> str:
        """What must be the same for the row to be believed."""
        return f"{self.size} {self.changed} {self.distribution} {self.version} {_reader()}"


@dataclass(slots=True, eq=False)
class Store:
    """The SQLite file in a folder (None: there is none), and the rows that still have to be written to it."""

    folder: Path | None
    connection: sqlite3.Connection | None = None
    pending: dict[Key, bytes] = field(default_factory=dict)


def of(project: Project) -> Store:
    """The store of a project's run, closed."""
    return Store(project.indexes.cache)


def get(store: Store, key: Key) -> Table | None:
    """The table that was kept under this key; None where it must be read from the file."""
    table = _recent.pop(key, None)
    if table is None:
        row = _use(store, lambda database: database.execute(_SELECT, (*key.place, key.identity)).fetchone())
        with suppress(msgspec.DecodeError, TypeError):
            table = _decoder.decode(row[0]) if row else None
    if table is not None:
        _remember(key, table)
    return table


def put(store: Store, key: Key, table: Table) -> None:
    """Keep a table; it is in the file after the next `write`."""
    _remember(key, table)
    if store.folder is not None:
        store.pending[key] = _encoder.encode(table)


def write(store: Store) -> None:
    """Write what is pending in one transaction, and close the file; where that cannot be done it is forgotten."""
    today = int(time.time() // _DAY_SECONDS)
    rows = [(*key.place, today, key.identity, data) for key, data in store.pending.items()]
    store.pending.clear()
    if rows:
        _begin_again_when_large(store)
        _use(store, lambda database: _insert(database, rows, today))
    _close(store)


def _insert(database: sqlite3.Connection, rows: list[tuple[str, str, str, str, int, str, bytes]], today: int) -> None:
    with database:
        database.executemany("insert or replace into tables values (?, ?, ?, ?, ?, ?, ?)", rows)
        if database.execute("pragma user_version").fetchone()[0] != today:
            # Once a day is often enough; the file's own number keeps the day.
            database.execute("delete from tables where at < ?", (today - _DAYS,))
            database.execute(f"pragma user_version = {today}")


def _remember(key: Key, table: Table) -> None:
    _recent[key] = table
    if len(_recent) > _MOST_RECENT:
        del _recent[next(iter(_recent))]


def _use(store: Store, action: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
    """Do something with the rows; None where the folder or file cannot be used. A broken file is begun again."""
    for last in (False, True):
        if store.folder is None:
            return None
        try:
            if store.connection is None:
                store.connection = _open(store.folder)
            return action(store.connection)
        except (OSError, sqlite3.Error) as error:
            _close(store)
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in _BEGUN_ANEW:
                if code != sqlite3.SQLITE_BUSY:
                    store.folder = None
                return None
            if last:
                store.folder = None
            else:
                _delete(store.folder)
    return None


def _open(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / _FILE, timeout=_BUSY_SECONDS)
    try:
        # Nothing here is worth waiting for the disk: what a power cut breaks is begun again.
        database.execute("pragma synchronous = off")
        database.execute(_TABLE)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _close(store: Store) -> None:
    if store.connection is not None:
        with closing(store.connection):
            store.connection = None


def _begin_again_when_large(store: Store) -> None:
    if store.folder is not None:
        with suppress(OSError):
            if (store.folder / _FILE).stat().st_size > _MOST_BYTES:
                _close(store)
                _delete(store.folder)


def _delete(folder: Path) -> None:
    with suppress(OSError):
        for suffix in ("", "-journal", "-wal", "-shm"):
            (folder / f"{_FILE}{suffix}").unlink(missing_ok=True)


@cache
def _reader() -> str:
    """What changes when this package reads files into other tables: the schema, and its own files."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        state = file.stat()
        digest.update(f"{file.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return f"{SCHEMA}-{digest.hexdigest()}"
