"""What is known of a value: its constants, the texts it was pasted from, where it came from, what it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import libcst as cst

MOST_CONSTANTS = 8
"""A value that can be more things than this counts as unknown."""
MOST_PIECES = 40
LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Origin:
    """A place where something from outside comes in; `kind` is the list of sources, or the rule, that names it."""

    kind: str
    node: int
    """`id` of the node that is the source."""


@dataclass(frozen=True, slots=True)
class Taint:
    """That a value depends on an origin; `marks` say what was done about it, `part` that it is pasted into a text."""

    origin: Origin
    marks: frozenset[str] = frozenset()
    part: bool = False


Taints = frozenset[Taint]
NONE: Taints = frozenset()
Piece = str | Taints
"""A literal text, or a hole with what its value depends on."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the file with the names that were visible where it was defined."""

    node: cst.FunctionDef | cst.Lambda
    closure: Names
    owner: Class | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the file and its methods."""

    node: cst.ClassDef
    closure: Names
    methods: dict[str, Function] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    bases: tuple[Class, ...] = ()

    def method(self, name: str) -> Function | None:
        """The method of that name, of this class or the nearest base in the file."""
        found = self.methods.get(name)
        return found or next((each for base in self.bases if (each := base.method(name))), None)


@dataclass(slots=True, eq=False)
class Names:
    """The names of one module, function activation or class body, and those around it."""

    values: dict[str, Value]
    outer: Names | None = None
    globals: frozenset[str] = frozenset()

    def get(self, name: str) -> Value | None:
        """What a name means here; None where the file binds it nowhere."""
        here: Names | None = self
        while here is not None:
            if name in here.values:
                return here.values[name]
            here = here.outer
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A method with its object, or the name of a method of something that is not of this file."""

    receiver: Value
    name: str
    function: Function | None = None


Reference = str | Function | Class | Bound
"""What a value refers to: the dotted path of something imported or built in, or a part of the file."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value; nothing, where all fields are empty."""

    constants: tuple[Any, ...] | None = None
    """Everything that it can be; None where that is unknown."""
    taints: Taints = NONE
    text: tuple[Piece, ...] | None = None
    """What it was pasted from, where it is a text of which parts are unknown."""
    box: int | None = None
    """The number of the container or object on the heap that it is."""
    reference: Reference | None = None
    parsed: str | None = None
    """The variable whose text it is a parsed part of."""
    tested: str | None = None
    """The variable that a test was made of whose answer this is."""


UNKNOWN = Value()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a container or an object holds: by key as far as keys are known, `rest` under any key."""

    kind: str
    """list, dict, set, object."""
    items: Mapping[Any, Value] = field(default_factory=dict)
    rest: Value | None = None
    exact: bool = True
    """Whether `items` are all its members."""
    owner: Class | None = None


COMPUTED = Value(text=(NONE,))
"""Something that was worked out from constants."""


def constant(*values: Any) -> Value:
    """A value that is one of these."""
    return Value(constants=values)


def tainted(taints: Iterable[Taint]) -> Value:
    """An unknown value that depends on origins."""
    found = frozenset(taints)
    return Value(taints=found) if found else UNKNOWN


def marked(value: Value, *marks: str) -> Value:
    """The value with marks on all that it depends on."""
    if not value.taints:
        return value
    return replace(
        value,
        taints=_marked(value.taints, marks),
        text=value.text and tuple(each if isinstance(each, str) else _marked(each, marks) for each in value.text),
    )


def _marked(taints: Taints, marks: tuple[str, ...]) -> Taints:
    return frozenset(replace(each, marks=each.marks.union(marks)) for each in taints)


def pieces(value: Value) -> tuple[Piece, ...]:
    """What a text is pasted from; a constant is one literal, what is unknown one hole."""
    if value.constants is not None and len(value.constants) == 1:
        only = value.constants[0]
        if isinstance(only, str | int | float):
            return (str(only),)
        if isinstance(only, bytes):
            return (only.decode("latin-1"),)
    return value.text or (value.taints,)


def pasted(parts: Iterable[Piece]) -> Value:
    """The text that results from putting pieces behind each other."""
    merged: list[Piece] = []
    for each in parts:
        if isinstance(each, str) and merged and isinstance(merged[-1], str):
            merged[-1] += each
        elif each != "":
            merged.append(each)
    if all(isinstance(each, str) for each in merged):
        whole = "".join(each for each in merged if isinstance(each, str))
        return constant(whole) if len(whole) <= LONGEST_TEXT else UNKNOWN
    if len(merged) > 1:
        merged = [each if isinstance(each, str) else frozenset(replace(t, part=True) for t in each) for each in merged]
    taints = frozenset(taint for each in merged if not isinstance(each, str) for taint in each)
    return Value(taints=taints, text=tuple(merged[:MOST_PIECES]))


def either(one: Value, other: Value, more: Taints = NONE) -> Value:
    """A value that is one or the other; `more` is what the contents of two different containers depend on."""
    if one == other:
        return one
    constants = None
    if one.constants is not None and other.constants is not None:
        both = {(type(each), repr(each)): each for each in (*one.constants, *other.constants)}
        constants = tuple(both.values()) if len(both) <= MOST_CONSTANTS else None
    taints = one.taints | other.taints | more
    return Value(
        constants=constants,
        taints=taints,
        text=_either_text(one, other) if constants is None and taints else None,
        box=one.box if one.box == other.box else None,
        reference=one.reference if one.reference == other.reference else one.reference or other.reference,
        parsed=one.parsed if one.parsed == other.parsed else None,
        tested=one.tested if one.tested == other.tested else None,
    )


def _either_text(one: Value, other: Value) -> tuple[Piece, ...] | None:
    first, second = pieces(one), pieces(other)
    if len(first) != len(second) or len(first) == 1:
        return None
    merged: list[Piece] = []
    for left, right in zip(first, second, strict=True):
        if isinstance(left, str) and isinstance(right, str):
            if left != right:
                return None
            merged.append(left)
        elif not isinstance(left, str) and not isinstance(right, str):
            merged.append(left | right)
        else:
            return None
    return tuple(merged)
