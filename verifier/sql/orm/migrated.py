"""Indexes that Alembic's migrations make and the models do not mention.

https://alembic.sqlalchemy.org/en/latest/ops.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_FOLDERS = ("alembic/versions", "migrations/versions", "db/migrations/versions", "versions")
_MOST_FOLDERS = 5
_MOST_FILES = 500
_LARGEST = 200_000
"""Bytes of a migration that is read."""
_OPERATIONS = re.compile(
    r"""(?P<opens>create_table|batch_alter_table)\(\s*(?:['"](?P<begun>\w+)['"])?
    |create_(?:index|unique_constraint)\(\s*[^,\[\]]+,\s*(?:['"](?P<table>\w+)['"],\s*)?\[(?P<columns>[^\]]*)\]
    |(?:Unique|PrimaryKey)Constraint\(\s*(?P<inside>(?:['"]\w+['"],?\s*)+)
    |Column\(\s*['"](?P<column>\w+)['"][^\n]*(?:unique|primary_key|index)=True""",
    re.VERBOSE,
)
_SQL = re.compile(
    r"create\s+(?:unique\s+)?index\s+[^()]*?\bon\s+[\"`]?(?P<table>\w+)[\"`]?[^()]*\((?P<columns>[^()]*)\)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\w+")

Indexes = frozenset[tuple[str, tuple[str, ...]]]
"""Tables with columns, in lower case; the table is empty where a variable names it."""


@lru_cache(maxsize=64)
def migrated(folder: Path) -> Indexes:
    """The indexes that migrations make for the models of a folder."""
    return frozenset(
        each
        for above in (folder, *list(folder.parents)[: _MOST_FOLDERS - 1])
        for name in _FOLDERS
        for each in _made(above / name)
    )


@lru_cache(maxsize=64)
def _made(folder: Path) -> Indexes:
    """What the migrations of one folder make."""
    found: set[tuple[str, tuple[str, ...]]] = set()
    for text in _texts(folder):
        found |= {(each["table"].lower(), _columns(each["columns"])) for each in _SQL.finditer(text)}
        begun = ""
        for each in _OPERATIONS.finditer(text):
            if each["opens"]:
                begun = each["begun"] or ""
            inside = each["inside"] or each["column"]
            if inside:
                found.add((begun.lower(), _columns(inside)))
            elif each["columns"]:
                found.add(((each["table"] or begun).lower(), _columns(each["columns"])))
    return frozenset(found)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(_NAME.findall(text.lower()))


def _texts(folder: Path) -> Iterator[str]:
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix == ".py") if folder.is_dir() else []
    except OSError:
        return
    for each in files[-_MOST_FILES:]:
        try:
            if each.stat().st_size <= _LARGEST:
                yield each.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
