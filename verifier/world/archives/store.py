"""Archives that were read before: their listings and the members that were needed, in one SQLite file."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from verifier.world.archives.model import Listing, Part

_Result = TypeVar("_Result")

_FILE = "archives.sqlite3"
_BUSY_SECONDS = 2.0
_MOST_BYTES = 1_000_000_000
"""Above this the archives that were not used for longest are forgotten, down to three quarters of it."""
_DAY_SECONDS = 24 * 3600
_BATCH = 500
_BEGUN_ANEW = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""The last one says, of statements that are always the same, that the tables in the file are not ours."""
_TABLES = """
    create table if not exists archives_1 (
        id integer primary key, key text not null unique, day integer not null, listing blob, start integer,
        directory blob
    );
    create table if not exists members_1 (
        archive integer not null, name text not null, data blob not null, primary key (archive, name)
    );
"""
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Listing)
_lock = threading.Lock()
_memory: dict[int, sqlite3.Connection] = {}
"""What this process keeps where there is no folder for it, or none that can be written; by process."""


def listing(folder: Path | None, key: str) -> Listing | None:
    """The listing that was kept of an archive; None where it was not opened before."""

    def read(database: sqlite3.Connection) -> Listing | None:
        row = database.execute("select listing, day from archives_1 where key = ?", (key,)).fetchone()
        if row is None or row[0] is None:
            return None
        if row[1] != _today():
            with suppress(sqlite3.OperationalError), database:
                database.execute("update archives_1 set day = ? where key = ?", (_today(), key))
        return _decoder.decode(zlib.decompress(row[0]))

    with suppress(msgspec.DecodeError, zlib.error):
        return _either(folder, read)
    return None


def directory(folder: Path | None, key: str) -> Part | None:
    """The end of an archive from its central directory on, as it was when the archive was opened."""

    def read(database: sqlite3.Connection) -> Part | None:
        row = database.execute("select start, directory from archives_1 where key = ?", (key,)).fetchone()
        return Part(row[0], zlib.decompress(row[1])) if row and row[1] is not None else None

    with suppress(zlib.error):
        return _either(folder, read)
    return None


def texts(folder: Path | None, key: str, names: Collection[str]) -> dict[str, bytes]:
    """The contents of those of the members that were kept."""
    wanted = sorted(names)
    query = "select name, data from members_1 join archives_1 on archive = id where key = ? and name in ({})"

    def read(database: sqlite3.Connection) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for first in range(0, len(wanted), _BATCH):
            batch = wanted[first : first + _BATCH]
            rows = database.execute(query.format(", ".join("?" * len(batch))), (key, *batch))
            found |= {name: zlib.decompress(data) for name, data in rows}
        return found

    with suppress(zlib.error):
        return _either(folder, read) or {}
    return {}


def kept(folder: Path | None, key: str) -> frozenset[str]:
    """The names of the members of an archive that were kept."""
    query = "select name from members_1 join archives_1 on archive = id where key = ?"

    def read(database: sqlite3.Connection) -> frozenset[str]:
        return frozenset(name for (name,) in database.execute(query, (key,)))

    return _either(folder, read) or frozenset()


def keep(
    folder: Path | None,
    key: str,
    members: Mapping[str, bytes],
    *,
    listed: Listing | None = None,
    end: Part | None = None,
) -> None:
    """Keep members, and where given the listing and the central directory, all in one transaction."""
    rows = [(name, zlib.compress(data, 3)) for name, data in members.items()]
    packed = None if listed is None else zlib.compress(_encoder.encode(listed))
    directory_data = None if end is None else zlib.compress(end.data)

    def write(database: sqlite3.Connection) -> bool:
        with database:
            database.execute("insert or ignore into archives_1 (key, day) values (?, ?)", (key, _today()))
            (number,) = database.execute("select id from archives_1 where key = ?", (key,)).fetchone()
            if packed is not None:
                database.execute(
                    "update archives_1 set listing = ?, start = ?, directory = ? where id = ?",
                    (packed, end.start if end else None, directory_data, number),
                )
            database.executemany(
                "insert or replace into members_1 values (?, ?, ?)", ((number, name, data) for name, data in rows)
            )
            _forget(database)
        return True

    if folder is None or not _use(folder, write, create=True):
        _in_memory(write)


def _forget(database: sqlite3.Connection) -> None:
    """Forget the archives that were not used for longest where all take too much room."""
    (pages,) = database.execute("pragma page_count").fetchone()
    (free,) = database.execute("pragma freelist_count").fetchone()
    (size,) = database.execute("pragma page_size").fetchone()
    excess = (pages - free) * size - _MOST_BYTES
    if excess <= 0:
        return
    excess += _MOST_BYTES // 4
    used = "select id, (select sum(length(data)) from members_1 where archive = id) from archives_1 order by day, id"
    for number, length in database.execute(used).fetchall():
        database.execute("delete from members_1 where archive = ?", (number,))
        database.execute("delete from archives_1 where id = ?", (number,))
        excess -= length or 0
        if excess <= 0:
            return


def _today() -> int:
    return int(time.time() // _DAY_SECONDS)


def _either(folder: Path | None, read: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
    """Read from the file, and where that has nothing, from what this process could not write there."""
    found = None if folder is None else _use(folder, read, create=False)
    return found or (_in_memory(read) if os.getpid() in _memory else None)


def _in_memory(action: Callable[[sqlite3.Connection], _Result]) -> _Result:
    with _lock:
        database = _memory.get(os.getpid())
        if database is None:
            database = _memory[os.getpid()] = sqlite3.connect(":memory:", check_same_thread=False)
            database.executescript(_TABLES)
        return action(database)


def _use(folder: Path, action: Callable[[sqlite3.Connection], _Result], *, create: bool) -> _Result | None:
    """Do something with the rows; None where the folder or file cannot be used. A broken file is begun again."""
    file = folder / _FILE
    for last in (False, True):
        try:
            if create:
                folder.mkdir(parents=True, exist_ok=True)
            elif not file.exists():
                return None
            with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as database:
                # Nothing here is worth waiting for the disk: what a power cut breaks is begun again.
                database.execute("pragma synchronous = off")
                database.executescript(_TABLES)
                return action(database)
        except (OSError, sqlite3.Error) as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if last or code not in _BEGUN_ANEW:
                return None
            _delete(file)
    return None


def _delete(file: Path) -> None:
    with suppress(OSError):
        for suffix in ("", "-journal", "-wal", "-shm"):
            file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
