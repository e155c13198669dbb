"""Semgrep: our rules as its configuration, the files as copies that nothing excludes, its answer as findings."""

from __future__ import annotations

import io
import json
import re
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from verifier.catalogue import table
from verifier.checks.semgrep_run import Answer, SemgrepError, find_program, run
from verifier.model import Finding, Problem, ProblemKind, Rule, Severity, Span

_FOLDER = "code"
_CONFIG = "rules.json"
_SHARED = "security/shared"
_SEPARATOR = "\x1f"
_LEVELS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


@dataclass(frozen=True, slots=True)
class _Copy:
    """A file under check and the text that semgrep reads in its place: UTF-8 without a mark, lines ended by a line feed."""

    path: str
    lines: tuple[bytes, ...]


def check(
    files: Sequence[tuple[str, Path]], rules: Sequence[Rule], program: Path | None = None
) -> Iterator[Finding | Problem]:
    """What the Semgrep rules find in files (path as reported, file on disk), in one run of semgrep.

    The files are copied: an ignore file, a folder's name, a byte order mark or an encoding beside the code could
    otherwise keep semgrep from reading it, and semgrep would not say so.
    """
    chosen = {rule.code: rule for rule in rules if rule.semgrep}
    if not chosen or not files:
        return
    program = program or find_program()
    if program is None:
        yield _failed(f"semgrep is not installed, so {_not_run(chosen)}: pip install 'verify-generated[semgrep]'")
        return
    with tempfile.TemporaryDirectory(prefix="verify-semgrep-") as name:
        folder = Path(name)
        (folder / _FOLDER).mkdir()
        # Without a file of this name semgrep excludes what a list of its own names.
        (folder / ".semgrepignore").touch()
        (folder / _CONFIG).write_text(json.dumps({"rules": [_entry(rule) for rule in chosen.values()]}), "utf-8")
        copies: dict[str, _Copy] = {}
        for number, (path, file) in enumerate(files):
            copied = _copy(path, file, folder / _FOLDER / f"{number}.py")
            if isinstance(copied, Problem):
                yield copied
            else:
                copies[f"{_FOLDER}/{number}.py"] = copied
        if not copies:
            return
        try:
            answer = run(program, folder, _CONFIG, _FOLDER)
        except SemgrepError as error:
            yield _failed(f"{error}; {_not_run(chosen)}")
            return
    yield from _problems(answer, copies, chosen)
    yield from _findings(answer, copies, chosen)


def _not_run(rules: Mapping[str, Rule]) -> str:
    return f"{len(rules)} rule{'s' if len(rules) != 1 else ''} did not run"


def _failed(text: str, path: str | None = None) -> Problem:
    return Problem(path, ProblemKind.ENGINE, text)


def _copy(path: str, file: Path, copy: Path) -> _Copy | Problem:
    try:
        data = file.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except OSError as error:
        return Problem(path, ProblemKind.IO, f"semgrep could not be given the file: {error.strerror or error}")
    except (SyntaxError, UnicodeDecodeError) as error:
        return Problem(path, ProblemKind.ENCODING, f"semgrep could not be given the file: {error}")
    # A lone carriage return ends a line for Python, not for semgrep.
    written = re.sub(r"\r(?!\n)", "\n", text).encode("utf-8")
    copy.write_bytes(written)
    return _Copy(path, tuple(written.split(b"\n")))


def _entry(rule: Rule) -> Mapping[str, object]:
    body = yaml.safe_load(rule.semgrep or "")
    fields = (f"${field.upper()}" for field in _fields(rule))
    return {
        "id": rule.code,
        "languages": ["python"],
        "severity": _LEVELS[rule.severity],
        "message": _SEPARATOR.join(fields) or rule.name,
        **{key: _expanded(value) for key, value in body.items()},
    }


def _fields(rule: Rule) -> tuple[str, ...]:
    return tuple(field for _, field, _, _ in Formatter().parse(rule.message) if field)


def _expanded(value: Any) -> Any:
    """The value with each list item `use: NAME` replaced by the shared list of that name; other keys go to each item."""
    if isinstance(value, Mapping):
        return {key: _expanded(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items: list[Any] = []
    for item in value:
        match item:
            case {"use": str(name), **added}:
                items += [{**added, **shared} for shared in _expanded(yaml.safe_load(table(_SHARED)[name]))]
            case _:
                items.append(_expanded(item))
    return items


def _problems(answer: Answer, copies: Mapping[str, _Copy], rules: Mapping[str, Rule]) -> Iterator[Problem]:
    for name in sorted(copies.keys() - answer.scanned):
        yield _failed(f"semgrep did not read the file; {_not_run(rules)} on it", copies[name].path)
    by_file: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for error in answer.errors:
        name = str(error.get("path", "")).replace("\\", "/")
        if name in copies:
            by_file[name].append(error)
        else:
            yield _failed(f"semgrep: {_shortened(str(error.get('message', error.get('type'))))}")
    for name, errors in sorted(by_file.items()):
        said = sorted({_said(error) for error in errors})
        yield _failed(f"semgrep did not read all of the file: {'; '.join(said)}", copies[name].path)


def _said(error: Mapping[str, Any]) -> str:
    kind = error.get("type")
    word = str(kind[0] if isinstance(kind, list) and kind else kind)
    if spans := error.get("spans"):
        lines = ", ".join(str(span["start"]["line"]) for span in spans[:5])
        return f"{word} at line {lines}"
    return f"{word} in {error['rule_id']}" if error.get("rule_id") else word


def _findings(answer: Answer, copies: Mapping[str, _Copy], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    found = {
        (finding.code, finding.path, finding.span): finding
        for result in answer.results
        for finding in _finding(result, copies, rules)
    }
    yield from sorted(found.values(), key=lambda finding: finding.sort_key)


def _finding(
    result: Mapping[str, Any], copies: Mapping[str, _Copy], rules: Mapping[str, Rule]
) -> Iterable[Finding]:
    copy = copies[str(result["path"]).replace("\\", "/")]
    # The folder of the configuration is put before the id.
    rule = rules[str(result["check_id"]).rpartition(".")[2]]
    words = str(result["extra"]["message"]).split(_SEPARATOR)
    values = {field: _shortened(word) for field, word in zip(_fields(rule), words, strict=False)}
    start, end = result["start"], result["end"]
    span = Span(start["line"], _column(copy, start), end["line"], _column(copy, end))
    matched = copy.lines[span.line - 1].decode("utf-8").strip()
    yield Finding(
        rule.code,
        copy.path,
        span,
        rule.message.format(**values),
        rule.severity,
        evidence={"matched": _shortened(matched, 160)},
    )


def _column(copy: _Copy, place: Mapping[str, int]) -> int:
    """The column in code points, of a place whose column counts bytes (measured: both semgrep commands do)."""
    return len(copy.lines[place["line"] - 1][: place["col"] - 1].decode("utf-8", "replace")) + 1


def _shortened(text: str, size: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= size else f"{line[: size - 1]}…"
