"""All that a file says in SQL: its statements, the schema that they are judged by, and whose dialect they speak."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.semantics.infer import Inference
from verifier.semantics.model import Facts
from verifier.sql import drivers
from verifier.sql.files import beside, script
from verifier.sql.model import Dialect, Schema, Statement
from verifier.sql.schema import DECLARES, Draft, declare
from verifier.sql.statements import MENTIONS, literals, run_by, unread
from verifier.sql.texts import open_reader

_ELSEWHERE = re.compile(r"\.to_sql\(|create_all\(|load_extension|\balembic\b")
"""What the text of a file holds where tables may come from somewhere that nobody reads."""
_MIGRATED = re.compile(r"\b(?:alembic|yoyo|migrations?\.sql|sqlite_migrate)\b")
"""What it holds where scripts that lie elsewhere change the tables later."""
_CONNECT = re.compile(r"\bconnect\(\s*([^,()]*(?:\([^()]*\))?[^,()]*)[,)]")


@dataclass(frozen=True, slots=True)
class Read:
    """What one file says in SQL."""

    statements: tuple[Statement, ...]
    schema: Schema
    dialect: Dialect
    packages: frozenset[str]
    databases: int
    """How many databases it connects to at most."""
    hidden: bool
    """Whether it runs texts of which nothing is known."""


def read(facts: Facts, inference: Inference, text: str, file: Path | None, schemas: Sequence[Path] = ()) -> Read | None:
    """What a file says in SQL, with the schema in `.sql` files that it names, that lie beside it, or in `schemas`."""
    if not MENTIONS.search(text):
        return None
    packages = drivers.imported(facts)
    dialect = drivers.dialect(packages, text)
    reader = open_reader(facts)
    found = tuple(run_by(reader, inference, dialect, drivers.sites(packages)))
    draft = Draft()
    if DECLARES.search(text):
        for node, each in literals(reader):
            declare(draft, each, dialect, node)
    near = beside(file.parent) if file is not None else ()
    named = tuple(each for each in near if each.name in text)
    for path in dict.fromkeys((*schemas, *(named or (near if not draft.tables else ())))):
        declare(draft, script(path), dialect, file=str(path))
    hidden = unread(reader)
    if ("executescript" in hidden and not named) or _MIGRATED.search(text):
        draft.altered = draft.unsure = True
    elsewhere = dialect is not Dialect.SQLITE or "executescript" in hidden or bool(_ELSEWHERE.search(text))
    schema = draft.done(may_have_more=elsewhere or not draft.tables)
    return Read(found, schema, dialect, packages, _databases(text), bool(hidden))


def _databases(text: str) -> int:
    """How many different things a file connects to; one in memory may have the tables that are made, or be a test's."""
    found = {each[1].strip() for each in _CONNECT.finditer(text)}
    return max(1, len(found - {""}))
