"""What a folder holds, read once until it changes; an import looks at the same few folders again and again."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path


def entries(folder: Path) -> dict[str, bool]:
    """Each name in the folder, exactly as spelled, and whether it is a folder; empty where it cannot be read."""
    try:
        return _entries(folder, folder.stat().st_mtime_ns)
    except OSError:
        return {}


def readable(folder: Path) -> bool:
    """Whether `entries` of that folder tells all: an empty answer for a folder without permission proves nothing."""
    return not folder.is_dir() or os.access(folder, os.R_OK | os.X_OK)


@lru_cache(maxsize=4096)
def _entries(folder: Path, _changed: int) -> dict[str, bool]:
    with os.scandir(folder) as found:
        return {entry.name: _is_folder(entry) for entry in found}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
