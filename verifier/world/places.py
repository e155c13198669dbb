"""Where the requirements that a project or a script declares stand, for findings about them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from verifier.model import Problem
from verifier.world import declared, poetry, pyproject, requirement_files
from verifier.world.pyproject import at
from verifier.world.toml_texts import Keys, Text, texts

_ELSEWHERE = frozenset({"git", "hg", "svn", "path", "file", "url", "workspace"})


@dataclass(frozen=True, slots=True)
class Place:
    """One declared requirement and where it is written, on one line."""

    requirement: str
    """As written, without credentials; in Poetry's tables name and version."""
    name: str
    """Normalised."""
    specifier: str
    """Empty: any version, or a version that no specifier expresses."""
    marker: str
    path: str
    """Relative to the root, with `/`."""
    line: int
    """1-based."""
    column: int
    """1-based, in code points."""
    end_column: int
    """Exclusive; where the requirement goes on to another line, the end of its first."""
    python: str
    """The specifier of the Pythons that the project or script supports; empty where it does not say."""
    elsewhere: bool = False
    """Whether it comes from a folder, an address or a repository, or is the project itself: no index is asked."""


def declared_in(root: Path) -> Iterator[Place]:
    """Return the requirements in pyproject.toml and the requirements files of root; broken parts are left out.

    `declared.read` says what is broken.
    """
    python = declared.requires_python(root) or ""
    own = declared.own_name(root)
    data = pyproject.load(root)
    seen: set[Path] = set()
    if isinstance(data, Mapping):
        document = (root / "pyproject.toml").read_text(encoding="utf-8-sig")
        yield from _in_toml(document, data, "pyproject.toml", python, own)
        for file in pyproject.dynamic_files(data):
            yield from _in_lines(root / file, root, seen, python, own)
    for pattern in requirement_files.PATTERNS:
        for path in sorted(root.glob(pattern)):
            yield from _in_lines(path, root, seen, python, own)


def inline_places(text: str, path: str = "") -> Iterator[Place]:
    """Return the requirements in a script's metadata block (PEP 723); nothing where it is broken."""
    blocks = declared.blocks(text)
    if len(blocks) != 1:
        return
    document, first = blocks[0]
    try:
        data = tomllib.loads(document)
    except (ValueError, RecursionError):
        return
    python = data.get("requires-python")
    for place in _in_toml(document, data, path, python if isinstance(python, str) else "", None, ("dependencies",)):
        yield _moved(place, first - 1, 2)


def _moved(place: Place, lines: int, columns: int) -> Place:
    return Place(
        place.requirement,
        place.name,
        place.specifier,
        place.marker,
        place.path,
        place.line + lines,
        place.column + columns,
        place.end_column + columns,
        place.python,
        place.elsewhere,
    )


def _in_toml(
    document: str, data: Mapping[str, Any], path: str, python: str, own: str | None, only: Keys = ()
) -> Iterator[Place]:
    sources = {own, *_from_elsewhere(data)}
    for text in texts(document):
        if only and text.keys[:-1] != only:
            continue
        if only or _is_list(text.keys):
            if "{" not in text.value:
                quotes = 3 if document.startswith(('"""', "'''"), text.start) else 1
                span = _span(document, text.start + quotes, text.end - quotes)
                yield from _one(text.value, path, span, python, sources)
        elif (name := _poetry_name(text.keys)) is not None:
            yield from _of_poetry(document, data, text, name, path, python, sources)


def _is_list(keys: Keys) -> bool:
    """Whether the keys lead into a list of requirements in the standard tables or those of the tools."""
    match keys:
        case ("project", "dependencies", int()) | ("project", "optional-dependencies", str(), int()):
            return True
        case ("dependency-groups", str(), int()) | ("tool", "uv", "dev-dependencies", int()):
            return True
        case ("tool", "pdm", "dev-dependencies", str(), int()):
            return True
        case ("tool", "hatch", "envs", str(), "dependencies" | "extra-dependencies", int()):
            return True
    return False


def _poetry_name(keys: Keys) -> str | None:
    """Return the distribution whose version the keys lead to in one of Poetry's tables."""
    match keys:
        case ("tool", "poetry", "dependencies" | "dev-dependencies", str(name), *rest):
            pass
        case ("tool", "poetry", "group", str(), "dependencies", str(name), *rest):
            pass
        case _:
            return None
    match rest:
        case [] | ["version"] | [int()] | [int(), "version"] if name.lower() != "python":
            return name
    return None


def _of_poetry(
    document: str, data: Mapping[str, Any], text: Text, name: str, path: str, python: str, sources: set[str | None]
) -> Iterator[Place]:
    value: Any = data
    for key in text.keys[:-1] if text.keys[-1] == "version" else text.keys:
        value = value[key]
    start = text.key if "\n" not in document[text.key : text.end] else text.start
    line, column, end = _span(document, start, text.end)
    normalised = str(canonicalize_name(name))
    # A requirement without a source of its own that is named as in another table of the project comes from there.
    elsewhere = normalised in sources or (isinstance(value, dict) and not _ELSEWHERE.isdisjoint(value))
    yield Place(
        f"{name} {text.value}",
        normalised,
        poetry.specifier(value),
        poetry.marker(value),
        path,
        line,
        column,
        end,
        python,
        elsewhere,
    )


def _from_elsewhere(data: Mapping[str, Any]) -> Iterator[str]:
    """Return the normalised names that uv's or Poetry's tables take from a folder, an address or a repository."""
    poetry_tables = [at(data, "tool", "poetry", "dependencies")]
    groups = at(data, "tool", "poetry", "group")
    poetry_tables += [at(group, "dependencies") for group in (groups.values() if isinstance(groups, dict) else ())]
    for table in (at(data, "tool", "uv", "sources"), *poetry_tables):
        for name, value in table.items() if isinstance(table, dict) else ():
            choices = value if isinstance(value, list) else [value]
            if any(isinstance(choice, dict) and not _ELSEWHERE.isdisjoint(choice) for choice in choices):
                yield str(canonicalize_name(name))


def _in_lines(file: Path, root: Path, seen: set[Path], python: str, own: str | None) -> Iterator[Place]:
    for line in requirement_files.lines(file, root, seen):
        if isinstance(line, Problem) or line.text.startswith("-"):
            continue
        shown = requirement_files.without_options(line.physical.partition(" #")[0].rstrip().removesuffix("\\"))
        column = len(line.physical) - len(line.physical.lstrip()) + 1
        span = (line.number, column, column + len(shown))
        yield from _one(requirement_files.without_options(line.text), line.origin, span, python, {own})


def _one(text: str, path: str, span: tuple[int, int, int], python: str, sources: set[str | None]) -> Iterator[Place]:
    if (parsed := requirement_files.parsed(text)) is None:
        return
    name = str(canonicalize_name(parsed.name))
    elsewhere = parsed.url is not None or name in sources
    shown = requirement_files.without_login(text.strip())
    yield Place(shown, name, str(parsed.specifier), str(parsed.marker or ""), path, *span, python, elsewhere)


def _span(document: str, start: int, end: int) -> tuple[int, int, int]:
    """Return line, column and end column of a part of a text, cut at the end of its first line."""
    line_start = document.rfind("\n", 0, start) + 1
    line_end = document.find("\n", start)
    end = min(end, line_end if line_end >= 0 else end)
    return document.count("\n", 0, start) + 1, start - line_start + 1, end - line_start + 1
