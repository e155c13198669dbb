"""How findings about packages name what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from verifier import deprecations
from verifier.model import Project
from verifier.symbols.values import ClassValue, Instance, ModuleValue, Value, path
from verifier.world.installed import Missing
from verifier.world.versions import version_of


def what(value: Value) -> str:
    """A value as a message names it."""
    match value:
        case ModuleValue():
            return f"module `{value.name}`"
        case ClassValue():
            return f"class `{value.name}`"
        case Instance():
            return f"`{value.name}` object"
        case _:
            return f"`{path(value)}`"


def looked(missing: Missing) -> dict[str, object]:
    """The evidence that something is missing."""
    return {"looked": missing.evidence, "nearest": list(missing.nearest)}


def in_version(missing: Missing) -> str:
    """The distribution whose files were read, to follow a name."""
    return f" in {missing.distribution} {missing.version}" if missing.distribution else ""


def history(symbol: str, project: Project) -> str:
    """What the table of deprecated APIs says of a name that is gone, by the last two parts of its path."""
    tail = symbol.split(".")[-2:]
    for known, rows in deprecations.load().items():
        if known.split(".")[-2:] == tail and known.partition(".")[0] == symbol.partition(".")[0]:
            for row in rows:
                if (
                    row.removed
                    and row.parameter is None
                    and row.state(version_of(project, row.distribution)) == "removed"
                ):
                    return f"; removed in {row.removed}" + (f": use {row.replacement}" if row.replacement else "")
    return ""


def suggestion(near: Sequence[str]) -> str:
    """The question whether a name that is like the wrong one was meant."""
    return f"; did you mean {' or '.join(f'`{each}`' for each in near[:2])}?" if near else ""


def shortened(text: str | None) -> str:
    """A library's own words, as many as a message can hold; evidence has them all."""
    words = " ".join((text or "").split())
    return words if len(words) <= 160 else words[:157].rstrip() + "…"
