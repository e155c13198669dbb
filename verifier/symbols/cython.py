"""What Cython's sources beside a compiled module say of its classes: which attributes their objects show to Python.

Facts from Cython's user guide, "Extension Types": an object of a `cdef class` has no dictionary, and of its C
attributes only those declared `public` or `readonly` are attributes in Python.
"""

from __future__ import annotations

import re

_QUIET = re.compile(
    r"(\"\"\"|''')(?:\\.|(?!\1)[^\\])*\1|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*",
    re.DOTALL,
)
"""Strings and comments."""
_HEAD = (
    r"^(?P<above>(?:@[^\n]*\n)*)cdef[ \t]+(?:(?:public|api)[ \t]+)*class[ \t]+{0}\b"
    r"[ \t]*(?P<bases>\([^)]*\))?[^:\n]*:"
)
_OPEN = re.compile(
    r"\b__(?:dict|getattr|getattribute)__\b|^[ \t]*(?:IF|ELIF|ELSE|include)\b|\b(?:public|readonly)[ \t]*:",
    re.MULTILINE,
)
"""Signs that an object may have attributes that nothing declares, or none that can be read line by line."""
_SHOWN = (
    r"^[ \t]+(?:async[ \t]+)?(?:def|cpdef)\b[^\n]*?\b{0}[ \t]*\(|\bproperty[ \t]+{0}\b|\bclass[ \t]+{0}\b"
    r"|\b(?:public|readonly)\b[^\n]*\b{0}\b|^(?:    |\t){0}[ \t]*[:=,]|\bimport\b[^\n]*\b{0}\b"
)
_INDENTED = re.compile(r"\s*\n(?:    |\t)\S|[ \t]*(?:pass|\.\.\.)?\s*$")
"""A body whose first statement is indented as `_SHOWN` takes all to be, or one of nothing."""
_WORDS = re.compile(r"[\w.]+")


def shows(source: str, declarations: str, name: str, attribute: str, bases: frozenset[str]) -> bool | None:
    """Whether a class's own statements in a `.pyx` and its `.pxd` show an attribute; None where that cannot be told.

    `bases` are the bare names of the classes known to be above it: one that is none of them makes it unknown.
    """
    bodies: list[str] = []
    for text in (_quiet(source), _quiet(declarations)):
        for head in re.finditer(_HEAD.format(re.escape(name)), text, re.MULTILINE):
            above = {each.rpartition(".")[2] for each in _WORDS.findall(head["bases"] or "")}
            decorators = re.findall(r"^@([\w.]+)", head["above"], re.MULTILINE)
            if not above <= bases or any(not each.startswith("cython.") for each in decorators):
                return None
            bodies.append(_body(text, head.end()))
        if not bodies:
            return None  # declarations alone tell nothing of its methods
    if any(_OPEN.search(each) or not _INDENTED.match(each) for each in bodies):
        return None
    shown = re.compile(_SHOWN.format(re.escape(attribute)), re.MULTILINE)
    return any(shown.search(_joined(each)) for each in bodies)


def _quiet(text: str) -> str:
    """The text with nothing in its strings, and without comments."""
    return _QUIET.sub(lambda found: '""' + "\n" * found[0].count("\n"), text)


def _body(text: str, start: int) -> str:
    """What follows a class statement's colon, up to the next line that is not indented."""
    after = re.compile(r"^[^\s)\]}]", re.MULTILINE).search(text, start)
    return text[start : after.start() if after else len(text)]


def _joined(body: str) -> str:
    """The body with lines that go on in the next one made into one."""
    return re.sub(r"(?:\\|,)[ \t]*\n[ \t]*", ", ", body)
