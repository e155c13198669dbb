"""What Poetry's tables declare: its own version syntax, said as specifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from verifier.model import Requirement

_PART = re.compile(r"[,\s]+(?=[\^~<>=!\d*])")
_SPACE = re.compile(r"(?<=[\^~<>=!])\s+")


def requirements(table: Mapping[str, Any], origin: str) -> Iterator[Requirement]:
    """Return the distributions of a table of names and versions; `python` is the language, not a package."""
    for name, value in table.items():
        if name.lower() != "python":
            extras = value.get("extras", ()) if isinstance(value, dict) else ()
            wanted = tuple(canonicalize_name(each) for each in extras if isinstance(each, str))
            yield Requirement(canonicalize_name(name), specifier(value), origin, extras=wanted)


def specifier(value: object) -> str:
    """Return the specifier that a Poetry or Pipenv version means; empty where none says the same."""
    match value:
        case str():
            text = value.strip()
        case {"version": str(version)}:
            text = version.strip()
        case _:
            return ""
    if text in {"", "*"} or "|" in text:
        return ""
    try:
        return str(SpecifierSet(",".join(_one(part) for part in _PART.split(_SPACE.sub("", text)) if part)))
    except ValueError:  # neither specifier nor version, or a number of thousands of digits
        return ""


def marker(value: object) -> str:
    """Return the marker (PEP 508) under which Poetry installs a dependency; empty where none says the same."""
    if not isinstance(value, Mapping):
        return ""
    parts = []
    if isinstance(python := value.get("python"), str):
        # Specifiers have no `or`; a range that none can say is left out, and then the marker holds too often.
        parts += [f"python_full_version {each.operator} '{each.version}'" for each in SpecifierSet(specifier(python))]
    if isinstance(other := value.get("markers"), str) and other.strip():
        parts.append(f"({other.strip()})" if parts else other.strip())
    return " and ".join(sorted(parts, reverse=True))


def _one(part: str) -> str:
    if part.startswith("^"):
        return _up_to(part[1:], caret=True)
    if part.startswith("~") and not part.startswith("~="):
        return _up_to(part[1:], caret=False)
    if part[0].isdigit():
        return f"=={part}"
    return part


def _up_to(text: str, *, caret: bool) -> str:
    """Return the range of a caret (the leftmost number but 0 stays) or a tilde (the first two stay)."""
    release = Version(text).release
    kept = min(len(release), 2) - 1
    if caret:
        kept = next((index for index, number in enumerate(release) if number), len(release) - 1)
    bound = [*release[:kept], release[kept] + 1]
    return f">={text},<{'.'.join(map(str, bound))}"
