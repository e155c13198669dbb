"""What Python makes of a text and values: `%`, `str.format`, and the pieces of an f-string."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import libcst as cst

from verifier.sql.words import HOLE

_FORMAT = re.compile(r"%%|%(?:\((\w+)\))?[-#0 +]*[\d.*]*([sdrifgxa])")
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:![rsa])?(?::[^{}]*)?\}")


def plain(value: str, *, raw: bool) -> str:
    """The text of a piece of an f-string; libcst gives it as written."""
    value = value.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in value:
        return value
    literal = cst.SimpleString('"""' + value.replace('"', '\\"') + '"""')
    try:
        found = literal.evaluated_value
    except (SyntaxError, ValueError):
        return HOLE
    return found if isinstance(found, str) else HOLE


def percent(text: str, values: Sequence[str]) -> str:
    """`text % values`."""
    place = iter(values)
    return _FORMAT.sub(lambda found: "%" if found[0] == "%%" else HOLE if found[1] else next(place, HOLE), text)


def braces(text: str, places: Sequence[str], names: Mapping[str, str]) -> str:
    """`text.format(*places, **names)`."""
    count = iter(range(len(places)))

    def value(found: re.Match[str]) -> str:
        if found[0] in {"{{", "}}"}:
            return found[0][0]
        if not found[1]:
            place = next(count, None)
            return HOLE if place is None else places[place]
        if found[1].isdecimal():
            return places[int(found[1])] if len(found[1]) < 4 and int(found[1]) < len(places) else HOLE
        return names.get(found[1], HOLE)

    return _FIELD.sub(value, text)
