"""Semgrep: our rules as its configuration, the files as copies that nothing excludes, its answer as findings."""

from __future__ import annotations

import io
import re
import tempfile
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from verifier.checks.semgrep_rules import SEPARATOR, configuration, fields, group, looked_at
from verifier.checks.semgrep_run import Answer, SemgrepError, find_program, run
from verifier.model import Finding, Problem, ProblemKind, Rule, Span

_FOLDER = "code"
_CONFIG = "rules.json"


def check(
    files: Sequence[tuple[str, Path]], rules: Sequence[Rule], program: Path | None = None
) -> Iterator[Finding | Problem]:
    """What the Semgrep rules find in files (path as reported, file on disk), in one run of semgrep.

    Semgrep reads copies: an ignore file, a folder's name, a byte order mark or an encoding beside the code could
    otherwise keep it from reading a file, and it would not say so. `program` is the semgrep to run; None looks for it.
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
        (folder / _FOLDER / ".semgrepignore").touch()
        (folder / ".semgrepignore").touch()
        paths: dict[str, str] = {}
        groups: set[str] = set()
        for number, (path, file) in enumerate(files):
            text = _read(path, file)
            if isinstance(text, Problem):
                yield text
            elif looked_at(kind := group(text), chosen.values()):
                groups.add(kind)
                copy = f"{_FOLDER}/{kind}/{number}.py"
                (folder / copy).parent.mkdir(exist_ok=True)
                (folder / copy).write_bytes(text.encode("utf-8"))
                paths[copy] = path
        if not paths:
            return
        (folder / _CONFIG).write_text(configuration(chosen.values(), groups), "utf-8")
        try:
            answer = run(program, folder, _CONFIG, _FOLDER)
        except SemgrepError as error:
            yield _failed(f"{error}; {_not_run(chosen)}")
            return
        yield from _problems(answer, paths, chosen)
        yield from _findings(answer, paths, chosen, folder)


def _not_run(rules: Mapping[str, Rule]) -> str:
    return f"{len(rules)} rule{'s' if len(rules) != 1 else ''} did not run"


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


def _problems(answer: Answer, paths: Mapping[str, str], rules: Mapping[str, Rule]) -> Iterator[Problem]:
    for copy in sorted(paths.keys() - answer.scanned):
        yield _failed(f"semgrep did not read the file; {_not_run(rules)} on it", paths[copy])
    said: dict[str, set[str]] = defaultdict(set)
    for error in answer.errors:
        copy = str(error.get("path", "")).replace("\\", "/")
        if copy in paths:
            said[copy].add(_said(error))
        else:
            yield _failed(f"semgrep: {_shortened(str(error.get('message') or error.get('type')), 200)}")
    for copy, words in sorted(said.items()):
        yield _failed(f"semgrep did not check all of the file: {'; '.join(sorted(words))}", paths[copy])


def _said(error: Mapping[str, Any]) -> str:
    kind = error.get("type")
    word = str(kind[0] if isinstance(kind, list) and kind else kind)
    if spans := error.get("spans"):
        return f"{word} at line {', '.join(str(span['start']['line']) for span in spans[:5])}"
    return f"{word} in {_code(error['rule_id'])}" if error.get("rule_id") else word


def _code(check_id: Any) -> str:
    # The folder of the configuration is put before the id.
    return str(check_id).rpartition(".")[2]


def _findings(answer: Answer, paths: Mapping[str, str], rules: Mapping[str, Rule], folder: Path) -> Iterator[Finding]:
    found: dict[tuple[str, str, Span], Finding] = {}
    by_copy: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for result in answer.results:
        by_copy[str(result["path"]).replace("\\", "/")].append(result)
    for copy, results in by_copy.items():
        lines = (folder / copy).read_bytes().split(b"\n")
        for result in results:
            finding = _finding(result, paths[copy], rules[_code(result["check_id"])], lines)
            key = (finding.code, finding.path, finding.span)
            # Two sources may reach the same place: the same one is named in every run.
            found[key] = min(found.get(key, finding), finding, key=lambda each: each.message)
    yield from sorted(found.values(), key=lambda finding: finding.sort_key)


def _finding(result: Mapping[str, Any], path: str, rule: Rule, lines: Sequence[bytes]) -> Finding:
    words = str(result["extra"]["message"]).split(SEPARATOR)
    # What a pattern did not bind comes back as the name of the metavariable.
    values = {
        field: "outside" if word == f"${field.upper()}" else f"`{_shortened(word, 80)}`"
        for field, word in zip(fields(rule), words, strict=False)
    }
    start, end = result["start"], result["end"]
    return Finding(
        code=rule.code,
        path=path,
        span=Span(start["line"], _column(lines, start), end["line"], _column(lines, end)),
        message=rule.message.format(**values),
        severity=rule.severity,
        evidence={"matched": _shortened(lines[start["line"] - 1].decode("utf-8"), 160)},
    )


def _column(lines: Sequence[bytes], place: Mapping[str, int]) -> int:
    """The column in code points of a place whose column counts bytes, as those of semgrep do (measured with 1.182)."""
    return len(lines[place["line"] - 1][: place["col"] - 1].decode("utf-8", "replace")) + 1


def _shortened(text: str, size: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= size else f"{line[: size - 1]}…"
