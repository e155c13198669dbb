"""Imports that a snippet leaves out: names such as `pickle` or `ET` that a file uses and nowhere binds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from verifier.catalogue import table


def imports(text: str) -> list[str]:
    """The import statements that a text takes for granted, each on a line of its own.

    Models answer with a function whose imports stand in the question. A name counts only where it is used as a module
    or called, and where the text binds it nowhere, however it may look.
    """
    return list(_granted(text).values())


def paths(text: str) -> Mapping[str, str]:
    """The dotted path that each name stands for which a text takes for granted."""
    return {name: _path(statement) for name, statement in _granted(text).items()}


def _granted(text: str) -> Mapping[str, str]:
    """The names that a text takes for granted, with their statements."""
    return {name: statement for name, statement in _known().items() if _used(name, text) and not _bound(name, text)}


def _path(statement: str) -> str:
    """`from a import b` -> a.b, `import a.b as c` -> a.b."""
    words = statement.split()
    return f"{words[1]}.{words[3]}" if words[0] == "from" else words[1]


def _used(name: str, text: str) -> bool:
    return name in text and _patterns(name)[0].search(text) is not None


def _bound(name: str, text: str) -> bool:
    return _patterns(name)[1].search(text) is not None


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    used = re.compile(rf"(?<![\w.]){name}\s*[.(]")
    bound = re.compile(
        rf"^[ \t]*(?:import|from)\b.*(?<![\w.]){name}\b|\bimport\s*\([^)]*\b{name}\b|\bimport\s+\*"
        rf"|(?<![\w.]){name}\s*(?::[^=\n]*)?(?:,[^=\n]*)?=(?!=)|\b(?:def|class)\s+{name}\b|\bdef\b[^\n]*[(,]\s*\**{name}\s*[,:=)]"
        rf"|\blambda\b[^:\n]*\b{name}\b|\b(?:as|for|global)\s+{name}\b|^[ \t]*\**{name}\s*[,:]",
        re.MULTILINE,
    )
    return used, bound


@cache
def _known() -> Mapping[str, str]:
    known: Mapping[str, str] = table("security/assumed")["imports"]
    return known
