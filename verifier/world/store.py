"""Pages of package indexes from earlier runs, in one SQLite file that several processes may use at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_path

_Result = TypeVar("_Result")

_FILE = "index.sqlite3"
_EXISTS_SECONDS = 7 * 24 * 3600
_MISSING_SECONDS = 3600
_BUSY_SECONDS = 2.0
_BATCH = 500
_BEGUN_ANEW = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""The last one says, of statements that are always the same, that the tables in the file are not ours."""
_SELECT = 'select name, at, etag, data from pages_1 where "index" = ? and name in ({})'
_TABLES = (
    """create table if not exists pages_1 (
        "index" text not null, name text not null, at real not null, etag text not null, data blob,
        primary key ("index", name)
    )""",
    'create table if not exists lists_1 ("index" text primary key, at real not null, count integer not null)',
    """create table if not exists names_1 (
        "index" text not null, first text not null, data blob not null, primary key ("index", first)
    )""",
)


@dataclass(frozen=True, slots=True)
class Page:
    """What an index had under a name (None: nothing), when it said so (seconds since 1970), and its ETag."""

    data: bytes | None
    at: float
    etag: str = ""

    @property
    def fresh(self) -> bool:
        """Whether it may still be believed: 7 days for what exists, an hour for what does not."""
        return 0 <= self.age < (_MISSING_SECONDS if self.data is None else _EXISTS_SECONDS)

    @property
    def age(self) -> float:
        """Seconds since the index said so; negative where a clock was changed."""
        return time.time() - self.at


@dataclass(frozen=True, slots=True)
class NameList:
    """All names that an index said it has: how many, and when."""

    count: int
    at: float


def folder(cache: Path | None) -> Path:
    """Return the folder of the caches: the given one, or `verifier` in the user's cache folder."""
    return cache if cache is not None else user_cache_path("verifier", appauthor=False)


def recall(cache: Path | None, index: str, names: Collection[str]) -> dict[str, Page]:
    """Return the pages of that index that are known, of whatever age; none without a usable file."""
    wanted = sorted(names)

    def read(database: sqlite3.Connection) -> dict[str, Page]:
        known: dict[str, Page] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            query = _SELECT.format(", ".join("?" * len(batch)))
            known |= {name: Page(data, at, etag) for name, at, etag, data in database.execute(query, (index, *batch))}
        return known

    return _use(cache, read) or {}


def found_names(cache: Path | None, index: str, *, limit: int = -1) -> list[str]:
    """Return the names that the index had when it was asked for them."""
    query = """select name from pages_1 where "index" = ? and data is not null and name != '' limit ?"""
    return _use(cache, lambda database: [name for (name,) in database.execute(query, (index, limit))]) or []


def keep(cache: Path | None, index: str, pages: Mapping[str, Page]) -> None:
    """Remember what the index answered, all or nothing; where the file cannot be written, nothing is remembered."""
    rows = [(index, name, page.at, page.etag, page.data) for name, page in pages.items()]

    def write(database: sqlite3.Connection) -> None:
        with database:
            database.executemany("insert or replace into pages_1 values (?, ?, ?, ?, ?)", rows)

    if rows:
        _use(cache, write)


def keep_names(cache: Path | None, index: str, count: int, blocks: Sequence[tuple[str, bytes]]) -> int | None:
    """Put a list of names, in blocks by their first name, in the place of an older one; return its size in bytes."""

    def write(database: sqlite3.Connection) -> int:
        with database:
            database.execute('delete from names_1 where "index" = ?', (index,))
            database.executemany("insert into names_1 values (?, ?, ?)", ((index, *block) for block in blocks))
            database.execute("insert or replace into lists_1 values (?, ?, ?)", (index, time.time(), count))
        return sum(len(data) for _, data in blocks)

    return _use(cache, write)


def name_list(cache: Path | None, index: str) -> NameList | None:
    """Return what is known of the index's list of names, None where there is none."""
    query = 'select count, at from lists_1 where "index" = ?'
    row = _use(cache, lambda database: database.execute(query, (index,)).fetchone())
    return NameList(*row) if row else None


def names_around(cache: Path | None, index: str, name: str) -> bytes | None:
    """Return the block of the index's list in which a name would stand; None where it would precede all blocks."""
    query = 'select data from names_1 where "index" = ? and first <= ? order by first desc limit 1'
    row = _use(cache, lambda database: database.execute(query, (index, name)).fetchone())
    data: bytes | None = row[0] if row else None
    return data


def _use(place: Path | None, action: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
    """Do something with the file; None where there is no folder or it cannot be used. A broken file is begun again."""
    if place is None:
        return None
    file = place / _FILE
    for last in (False, True):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as database:
                # Nothing here is worth waiting for the disk: what a power cut breaks is begun again.
                database.execute("pragma synchronous = off")
                for table in _TABLES:
                    database.execute(table)
                return action(database)
        except OSError:
            return None
        except sqlite3.DatabaseError as error:
            if last or error.sqlite_errorcode & 0xFF not in _BEGUN_ANEW:
                return None
            with suppress(OSError):
                for suffix in ("", "-journal"):
                    file.with_name(file.name + suffix).unlink(missing_ok=True)
    return None
