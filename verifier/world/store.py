"""Answers of package indexes from earlier runs, in one SQLite file that several processes may use at once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_path

_Result = TypeVar("_Result")

_FILE = "index.sqlite3"
_EXISTS_SECONDS = 7 * 24 * 3600
_MISSING_SECONDS = 3600
_BUSY_SECONDS = 2.0
_BATCH = 500
_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SELECT = 'select name, found, at from answers_1 where "index" = ? and name in ({})'
_TABLE = """
    create table if not exists answers_1 (
        "index" text not null, name text not null, found integer not null, at real not null,
        primary key ("index", name)
    ) without rowid
"""


def folder(cache: Path | None) -> Path:
    """Return the folder of the answers: the given one, or `verifier` in the user's cache folder."""
    return cache if cache is not None else user_cache_path("verifier", appauthor=False)


def recall(cache: Path | None, index: str, names: Collection[str], *, any_age: bool = False) -> dict[str, bool]:
    """Whether that index had the names when last asked, for those whose answer is still fresh or `any_age` is wanted.

    A name that exists is believed for 7 days, a missing one for an hour. Without a usable file the answer is empty.
    """
    now = time.time()
    wanted = sorted(names)

    def read(database: sqlite3.Connection) -> dict[str, bool]:
        known: dict[str, bool] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            query = _SELECT.format(", ".join("?" * len(batch)))
            for name, found, at in database.execute(query, (index, *batch)):
                limit = _EXISTS_SECONDS if found else _MISSING_SECONDS
                if any_age or 0 <= now - at < limit:
                    known[name] = bool(found)
        return known

    return _use(folder(cache), read) or {}


def knows_any(cache: Path | None, index: str) -> bool:
    """Whether that index ever had a name that it was asked for."""
    query = 'select 1 from answers_1 where "index" = ? and found limit 1'
    return bool(_use(folder(cache), lambda database: database.execute(query, (index,)).fetchone()))


def keep(cache: Path | None, index: str, answers: Mapping[str, bool]) -> None:
    """Remember what the index answered; where the file cannot be written, nothing is remembered."""
    now = time.time()
    rows = [(index, name, int(found), now) for name, found in answers.items()]

    def write(database: sqlite3.Connection) -> None:
        with database:
            database.executemany("insert or replace into answers_1 values (?, ?, ?, ?)", rows)

    _use(folder(cache), write)


def _use(place: Path, action: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
    """Do something with the answers; None where the folder or file cannot be used. A broken file is begun again."""
    file = place / _FILE
    for last in (False, True):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as database:
                # Nothing here is worth waiting for the disk: what a power cut breaks is begun again.
                database.execute("pragma synchronous = off")
                database.execute(_TABLE)
                return action(database)
        except (OSError, sqlite3.OperationalError):
            return None
        except sqlite3.DatabaseError as error:
            if last or error.sqlite_errorcode & 0xFF not in _BROKEN:
                return None
            with suppress(OSError):
                for suffix in ("", "-journal"):
                    file.with_name(file.name + suffix).unlink(missing_ok=True)
    return None
