"""How a finding about a query through a model is put: with the model's own words and the place of its field."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from verifier.checks.registry import Parsed
from verifier.model import Finding, Related, Severity, Span
from verifier.sql.model import Statement
from verifier.sql.naming import aliases
from verifier.sql.orm.model import Family, Model
from verifier.sql.orm.models import Models
from verifier.sql.words import words

_SCRIPT = re.compile(r"(^|/)(management/commands|scripts?|bin|tools|seeds?)/|(^|/)(seed|populate|manage)\w*\.py$")
_INDEX = re.compile(r"CREATE INDEX \S+ ON (?P<table>\S+) \((?P<columns>.*)\)")


@dataclass(slots=True)
class File:
    """The checked file with its models."""

    parsed: Parsed
    models: Models
    lines: list[str] = field(default_factory=list)
    """The lines of the text, once somebody has asked for them."""


def put(file: File, found: Finding, statement: Statement | None) -> Finding:
    """A finding about a table in the words of its model; only information where the query is one of a script."""
    once = statement is not None and statement.call.scope.function is None and statement.call.loop is None
    quiet = once or bool(_SCRIPT.search(file.parsed.source.path.replace("\\", "/")))
    evidence = {**(found.evidence or {}), **({"sql": statement.text[:300]} if statement is not None else {})}
    found = replace(found, evidence=evidence)
    index = _INDEX.search(str(evidence.get("index", "")))
    model = file.models.of_table(index["table"]) if index else None
    if index is not None and model is not None:
        columns = [each.strip() for each in index["columns"].split(",")]
        said = _declaring(model, columns)
        found = replace(
            found,
            message=found.message.replace(f"`{index[0]}`", said),
            evidence={**evidence, "declare": said.removeprefix("declare ").replace("`", "")},
            related=(declared(file, model, columns[0]), *found.related[1:]),
        )
        ranged = not any(f"{each}=?" in str(evidence.get("with the index", f"{each}=?")) for each in columns)
        quiet = quiet or ranged
    elif statement is not None and found.related:
        tables = set(aliases(words(statement.text)).values())
        model = file.models.of_table(tables.pop()) if len(tables) == 1 else None
        if model is not None:
            found = replace(found, related=(declared(file, model), *found.related[1:]))
    return replace(found, severity=Severity.INFO) if quiet else found


def _declaring(model: Model, columns: list[str]) -> str:
    """What to write for an index, in words."""
    fields = [
        next((one.name for one in model.fields.values() if one.column.lower() == each.lower()), each)
        for each in columns
    ]
    django = model.family is Family.DJANGO
    if len(fields) == 1:
        return f"declare `{'db_index' if django else 'index'}=True` on `{model.name}.{fields[0]}`"
    listed = ", ".join(f'"{each}"' for each in (fields if django else columns))
    return f"declare `models.Index(fields=[{listed}])`" if django else f'declare `Index("ix_{model.table}", {listed})`'


def declared(file: File, model: Model, column: str = "") -> Related:
    """Where a model's field is declared, or the model itself."""
    field = next((each for each in model.fields.values() if each.column.lower() == column.lower()), None)
    inside = field is not None and model.line < field.line <= model.end
    line = field.line if field is not None and inside else model.line
    name = f"{model.name}.{field.name}" if field is not None and inside else model.name
    source = file.parsed.source
    path = source.path
    if not model.file:
        file.lines = file.lines or file.parsed.text.split("\n")
        text = file.lines[line - 1].rstrip()
        start = len(text) - len(text.lstrip()) + 1
        return Related(path, Span(line, start, line, max(start, len(text) + 1)), f"`{name}` is declared here")
    if source.file is not None:
        beside = Path(os.path.relpath(model.file, source.file.parent)).as_posix()
        path = os.path.normpath(PurePosixPath(path).parent / beside).replace("\\", "/")
    return Related(path, Span(line, 1, line, 1), f"`{name}` is declared here")
