"""SQL files: those beside a Python file, and the text of one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_LARGEST = 512_000
"""Bytes of an SQL file that is read."""
_MOST_FILES = 12


@lru_cache(maxsize=64)
def beside(folder: Path) -> tuple[Path, ...]:
    """The SQL files of a folder, by name."""
    try:
        found = sorted(each for each in folder.iterdir() if each.suffix == ".sql" and each.is_file())
    except OSError:
        return ()
    return tuple(found[:_MOST_FILES])


@lru_cache(maxsize=64)
def script(file: Path) -> str:
    """The text of an SQL file, empty where it cannot be read or is too large."""
    return "" if unreadable(file) else file.read_text(encoding="utf-8-sig")


def unreadable(file: Path) -> str | None:
    """Why an SQL file cannot be read, in words; None where it can."""
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            return f"{size:,} bytes; SQL files over {_LARGEST:,} are not read"
        file.read_text(encoding="utf-8-sig")
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        return "is not UTF-8"
    return None
