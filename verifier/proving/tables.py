"""The files of rules/deprecated/ as they are written: proofs are put beside the rows, everything else stays."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from verifier.catalogue import CatalogueError
from verifier.deprecations import Api
from verifier.proving.judging import Verdict


def read(file: Path) -> Mapping[str, Any]:
    """The table of a file as it is now; raises CatalogueError where there is none."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CatalogueError(f"rules/deprecated/ has no table {file.name}") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    if "distribution" not in data or "api" not in data:
        raise CatalogueError(f"{file.name} is no table of deprecated APIs")
    return data


def write(file: Path, apis: Iterable[Api], verdicts: Mapping[str, Verdict]) -> None:
    """Put the verdicts beside their rows; a row that somebody changed meanwhile is left alone."""
    judged = {api.api: api for api in apis if api.api in verdicts}
    document = tomlkit.parse(file.read_text(encoding="utf-8"))
    rows = document["api"]
    if not judged or not isinstance(rows, AoT):
        return
    for row in rows:
        api = judged.get(str(row["api"]))
        if api is not None and _same(row, api):
            _put(row, verdicts[api.api])
    _replace(file, tomlkit.dumps(document))


def _same(row: Table, api: Api) -> bool:
    return all(row.get(key) == getattr(api, key) for key in ("kind", "deprecated", "removed", "reintroduced"))


def _put(row: Table, verdict: Verdict) -> None:
    row.pop("proof", None)
    row.pop("unproved", None)
    body, tail = row.value.body, []
    while body and body[-1][0] is None:  # blank lines and comments that belong to what follows
        tail.append(body.pop())
    if verdict.proof:
        lines = tomlkit.array().multiline(multiline=True)
        lines.extend(str(each) for each in verdict.proof)
        row["proof"] = lines
    if verdict.unproved:
        row["unproved"] = verdict.unproved
    body.extend(reversed(tail))


def _replace(file: Path, text: str) -> None:
    """Write a file at once, so that nobody ever reads half of it."""
    mode = file.stat().st_mode
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as new:
        new.write(text)
    written = Path(new.name)
    written.chmod(mode)
    written.replace(file)
