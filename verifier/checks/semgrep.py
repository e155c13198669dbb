"""Semgrep: our rules as its configuration, the files as copies that nothing excludes, its answer as findings."""

from __future__ import annotations

import io
import re
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.checks import assumed
from verifier.checks.places import Flow, Place, Suspect, shortened
from verifier.checks.semgrep_rules import (
    CLEAN,
    SEPARATOR,
    SHARED,
    SINK,
    SOURCE,
    Compiled,
    compiled,
    configuration,
    fields,
    group,
)
from verifier.checks.semgrep_run import LIMIT_SECONDS, Answer, SemgrepError, find_program, run
from verifier.checks.semgrep_user import UserRule
from verifier.checks.semgrep_words import words
from verifier.model import Finding, Problem, ProblemKind, Rule, Span

_FOLDER = "code"
_CONFIG = "rules.json"
_SLOWEST = 5_000
"""Characters a second that semgrep must read with all rules before it is stopped, beyond its first minutes."""
Follow = Callable[[Sequence[Suspect], Mapping[str, Flow]], Iterator[Finding | Problem]]
"""Turns the places that semgrep found in files into findings of taint rules."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """What semgrep read in a file's place: its path as reported, its lines, and how many stand before its own."""

    path: str
    text: str
    added: int


def check(
    files: Sequence[tuple[str, Path]],
    rules: Sequence[Rule],
    program: Path | None = None,
    *,
    cache: Path | None = None,
    user: Sequence[UserRule] = (),
    follow: Follow | None = None,
) -> Iterator[Finding | Problem]:
    """What the Semgrep rules find in files (path as reported, file on disk), in one run of semgrep.

    Semgrep reads copies: an ignore file, a folder's name, a byte order mark or an encoding beside the code could
    otherwise keep it from reading a file, and it would not say so. `program` is the semgrep to run; None looks for it.
    `cache` is the folder for compiled rules, `user` the rules of the project's own, `follow` what follows values
    through the files (None: one after the other, here).
    """
    chosen = {rule.code: rule for rule in rules if rule.semgrep}
    if not (chosen or user) or not files:
        return
    program = program or find_program()
    if program is None:
        left_out = _not_run(len(chosen) + len(user))
        yield _failed(f"semgrep is not installed, so {left_out}: pip install 'verify-generated[semgrep]'")
        return
    ours = compiled(list(chosen.values()), cache)
    with tempfile.TemporaryDirectory(prefix="verify-semgrep-") as name:
        folder = Path(name)
        (folder / _FOLDER).mkdir()
        # Without a file of this name semgrep excludes what a list of its own names.
        (folder / _FOLDER / ".semgrepignore").touch()
        (folder / ".semgrepignore").touch()
        copies: dict[str, _Copy] = {}
        groups: dict[frozenset[str], str] = {}
        present: set[str] = set()
        for number, (path, file) in enumerate(files):
            text = _read(path, file)
            if isinstance(text, Problem):
                yield text
                continue
            before = assumed.imports(text)
            read = "".join(f"{each}\n" for each in before) + text
            here = words(read)
            if (ids := group(ours, read, here)) or user:
                present |= here
                kind = groups.setdefault(ids, f"g{len(groups)}")
                copy = f"{_FOLDER}/{kind}/{number}.py"
                (folder / copy).parent.mkdir(exist_ok=True)
                (folder / copy).write_bytes(read.encode("utf-8"))
                copies[copy] = _Copy(path, text, len(before))
        if not copies:
            return
        entries = [each.entry for each in user]
        (folder / _CONFIG).write_text(configuration(ours, groups, frozenset(present), entries), "utf-8")
        seconds = LIMIT_SECONDS + sum(len(each.text) for each in copies.values()) / _SLOWEST
        try:
            answer = run(program, folder, _CONFIG, _FOLDER, seconds)
        except SemgrepError as error:
            yield _failed(f"{error}; {_not_run(len(chosen) + len(user))}")
            return
        yield from _problems(answer, copies, len(chosen) + len(user))
        yield from _results(answer, copies, chosen, {each.entry["id"]: each for each in user}, ours, follow)


def _not_run(number: int) -> str:
    return f"{number} rule{'s' if number != 1 else ''} did not run"


def _failed(text: str, path: str | None = None) -> Problem:
    return Problem(path, ProblemKind.ENGINE, text)


def _read(path: str, file: Path) -> str | Problem:
    """The text that semgrep reads in the file's place: without byte order mark, lines ended by a line feed."""
    try:
        data = file.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except OSError as error:
        return Problem(path, ProblemKind.IO, f"semgrep could not be given the file: {error.strerror or error}")
    except (SyntaxError, UnicodeDecodeError) as error:
        return Problem(path, ProblemKind.ENCODING, f"semgrep could not be given the file: {error}")
    # A lone carriage return ends a line for Python, not for semgrep.
    return re.sub(r"\r(?!\n)", "\n", text)


def _problems(answer: Answer, copies: Mapping[str, _Copy], rules: int) -> Iterator[Problem]:
    for copy in sorted(copies.keys() - answer.scanned):
        yield _failed(f"semgrep did not read the file; {_not_run(rules)} on it", copies[copy].path)
    said: dict[str, set[str]] = defaultdict(set)
    for error in answer.errors:
        copy = str(error.get("path", "")).replace("\\", "/")
        if copy in copies:
            said[copy].add(_said(error, copies[copy].added))
        else:
            yield _failed(f"semgrep: {shortened(str(error.get('message') or error.get('type')), 200)}")
    for copy, kinds in sorted(said.items()):
        yield _failed(f"semgrep did not check all of the file: {'; '.join(sorted(kinds))}", copies[copy].path)


def _said(error: Mapping[str, Any], added: int) -> str:
    kind = error.get("type")
    word = str(kind[0] if isinstance(kind, list) and kind else kind)
    if spans := error.get("spans"):
        return f"{word} at line {', '.join(str(span['start']['line'] - added) for span in spans[:5])}"
    return f"{word} in {_id(error['rule_id'])}" if error.get("rule_id") else word


def _id(check_id: Any) -> str:
    # The folder of the configuration is put before the id.
    return str(check_id).rpartition(".")[2]


def _results(
    answer: Answer,
    copies: Mapping[str, _Copy],
    rules: Mapping[str, Rule],
    user: Mapping[str, UserRule],
    ours: Compiled,
    follow: Follow | None,
) -> Iterator[Finding | Problem]:
    found: dict[tuple[str, str, Span], Finding] = {}
    suspects: list[Suspect] = []
    by_copy: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for result in answer.results:
        by_copy[str(result["path"]).replace("\\", "/")].append(result)
    for copy, results in by_copy.items():
        read = copies[copy]
        lines = read.text.encode("utf-8").split(b"\n")
        places: list[Place] = []
        for result in results:
            span = _span(result, lines, read.added)
            if span is None:
                continue
            name, _, role = _id(result["check_id"]).rpartition("-")
            words = str(result["extra"]["message"]).split(SEPARATOR)
            if role in {SINK, SOURCE, CLEAN, SHARED} and name:
                place = Place(SOURCE if role == SHARED else role, name, span, _bound(rules.get(name), words))
                places.append(place)
                continue
            code = _id(result["check_id"])
            if code in user:
                finding = user[code].finding(read.path, span, str(result["extra"]["message"]), _line(lines, span))
            else:
                finding = _finding(rules[code], read.path, span, _bound(rules[code], words), _line(lines, span))
            if finding is not None:
                key = (finding.code, finding.path, finding.span)
                # Two ways may lead to the same match: the same one is named in every run.
                found[key] = min(found.get(key, finding), finding, key=lambda each: each.message)
        if {each.role for each in places} >= {SINK, SOURCE}:
            suspects.append(Suspect(read.path, read.text, tuple(places)))
    yield from sorted(found.values(), key=lambda finding: finding.sort_key)
    if suspects:
        flows = {
            code: Flow(rules[code], frozenset(kinds), frozenset(marks)) for code, (kinds, marks) in ours.flows.items()
        }
        yield from (follow or _here)(suspects, flows)


def _here(suspects: Sequence[Suspect], flows: Mapping[str, Flow]) -> Iterator[Finding | Problem]:
    from verifier.checks.tracing import follow  # noqa: PLC0415  # it loads libcst

    yield from follow(suspects, flows)


def _bound(rule: Rule | None, words: Sequence[str]) -> Mapping[str, str]:
    """What the metavariables of a message matched, by field; what a pattern did not bind comes back as its name."""
    names = fields(rule) if rule else ("source",)
    return {name: word for name, word in zip(names, words, strict=False) if word != f"${name.upper()}"}


def _finding(rule: Rule, path: str, span: Span, words: Mapping[str, str], line: str) -> Finding:
    values = {name: f"`{shortened(words[name], 80)}`" if name in words else "outside" for name in fields(rule)}
    return Finding(
        code=rule.code,
        path=path,
        span=span,
        message=rule.message.format(**values),
        severity=rule.severity,
        evidence={"matched": line},
    )


def _line(lines: Sequence[bytes], span: Span) -> str:
    return shortened(lines[span.line - 1].decode("utf-8"), 160)


def _span(result: Mapping[str, Any], lines: Sequence[bytes], added: int) -> Span | None:
    """Where a match stands in the file; None where it is in what stands before the file's own text."""
    start, end = result["start"], result["end"]
    first, last = start["line"] - added, end["line"] - added
    if first < 1:
        return None
    return Span(first, _column(lines[first - 1], start["col"]), last, _column(lines[last - 1], end["col"]))


def _column(line: bytes, column: int) -> int:
    """The column in code points of one that counts bytes, as those of semgrep do (measured with 1.182)."""
    return len(line[: column - 1].decode("utf-8", "replace")) + 1
