"""What the files of one module define, as they say it: names, functions, classes and their members.

Expressions and annotations are kept as source text and are evaluated, in their module, only when a question needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

SCHEMA = 3
"""Changes whenever the tables or what is read into them do; a stored table of another schema is read anew."""


class Parameter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One parameter of a function; `kind` is `/`, ``, `*`, `k` or `**` (PEP 570 and PEP 3102)."""

    name: str
    kind: str = ""
    required: bool = False
    annotation: str | None = None


class Forward(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A call in a function's body that is given the function's own `**kwargs`."""

    callee: str
    """Its expression; a local name in it stands replaced by the expression that it was bound to."""
    keywords: tuple[str, ...] = ()
    """Keywords that the call gives besides."""
    unless: str = ""
    """A parameter that stands for the callee where the caller gives it; None by default."""


class Aged(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A parameter, or some of its values, that a function says is deprecated; without a name, the whole."""

    parameter: str
    message: str = ""
    values: tuple[str, ...] = ()
    """The literals (as `repr` writes them) that it is said of; none: of any but the silent ones."""
    silent: tuple[str, ...] = ()
    """Literals, and expressions of the module itself, that it is not said of."""
    sure: bool = True
    """It is said of every other expression too, not only of literals that can be seen to differ."""
    without: tuple[str, ...] = ()
    """Parameters that must not be given."""
    by_place: bool = False
    """It is said only of an argument without its name."""
    documented: bool = False
    """Only the docstring says it."""
    until: str = ""
    """The version of the distribution from which on it says nothing."""


class Ask(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A call, that every call of a function makes, of one that may say of its parameters that they are deprecated."""

    callee: str
    given: tuple[tuple[str, str], ...]
    """Position or keyword there, and the parameter here."""


class Function(msgspec.Struct, frozen=True, tag="f", array_like=True):
    """One `def`; overloads are several of them under one name."""

    name: str
    line: int
    parameters: tuple[Parameter, ...] = ()
    returns: str | None = None
    result: str | None = None
    """Where there is no annotation and every `return` gives the same simple expression: that expression."""
    decorators: tuple[str, ...] = ()
    is_async: bool = False
    generator: bool = False
    forwards: tuple[Forward, ...] = ()
    reads: tuple[str, ...] = ()
    """Keys that the body takes out of, or looks for in, its `**kwargs`."""
    escapes: bool = False
    """The `**kwargs` dictionary is also used in a way that may accept any key."""
    gone: str | None = None
    """What the body says when all it does is raise: the exception's name and message."""
    first: str | None = None
    """What it does before anything that might end it: `raise`, or the call of another function, which may raise."""
    decorates: str = ""
    """As a decorator it gives back `same`: what it is given, or `wraps`: a function that passes everything on."""
    deprecated: str | None = None
    """What it says of its own deprecation, which may be nothing; None where it is not deprecated as a whole."""
    aged: tuple[Aged, ...] = ()
    asks: tuple[Ask, ...] = ()
    conditional: bool = False
    typing_only: bool = False


class Variable(msgspec.Struct, frozen=True, tag="v", array_like=True):
    """An assignment, annotation, loop target or anything else that binds a name to a value."""

    name: str
    line: int
    annotation: str | None = None
    value: str | None = None
    """The expression's text where it is short enough to be worth evaluating."""
    conditional: bool = False
    typing_only: bool = False


class Import(msgspec.Struct, frozen=True, tag="i", array_like=True):
    """A name bound by an import: a module, or an attribute (or sub-module) of it."""

    name: str
    line: int
    module: str
    """Absolute and dotted; of `import a.b` it is `a`."""
    attribute: str | None = None
    conditional: bool = False
    typing_only: bool = False


class Class(msgspec.Struct, frozen=True, tag="c", array_like=True):
    """One `class` statement with all that its body and its methods give it."""

    name: str
    line: int
    bases: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()
    decorators: tuple[str, ...] = ()
    members: Mapping[str, tuple[Definition, ...]] = {}
    attributes: Mapping[str, tuple[Variable, ...]] = {}
    """What methods assign to their first parameter."""
    parameters: tuple[str, ...] = ()
    """Names of its type parameters where they are written in brackets (PEP 695)."""
    open: str | None = None
    """Why instances may have attributes that no statement here names."""
    deprecated: str | None = None
    """As a function's."""
    aged: tuple[Aged, ...] = ()
    """Of its constructor's parameters, where other methods say it; and of the class itself in its docstring."""
    conditional: bool = False
    typing_only: bool = False


Definition: TypeAlias = Function | Variable | Import | Class


class Fallback(msgspec.Struct, frozen=True, array_like=True):
    """A module's `__getattr__` (PEP 562): names it answers, names it refuses with a text, and whether that is all."""

    names: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    closed: bool = False


class Table(msgspec.Struct, frozen=True):
    """What one file defines for one target."""

    module: str
    file: str
    stub: bool
    package: bool
    names: Mapping[str, tuple[Definition, ...]]
    stars: tuple[str, ...] = ()
    """Absolute names of the modules of its star imports."""
    exports: tuple[str, ...] | None = None
    """`__all__`, where there is one that can be read."""
    fallback: Fallback | None = None
    open: str | None = None
    """Why the module may have names that no statement here binds."""
    imports: tuple[str, ...] = ()
    """Every module (absolute) that any import statement of the file names, those inside functions included."""
    stored: tuple[str, ...] = ()
    """Attribute names that are assigned on anything but a method's first parameter: `other.name = …`."""
    copied: tuple[str, ...] = ()
    """Absolute names of the modules all of whose names it is given, private ones too."""
    beginnings: tuple[str, ...] = ()
    """How names begin of which it may have any."""
    deprecated: str | None = None
    """What every import of the module warns of, or every name that is taken out of it."""
    made: Mapping[str, tuple[tuple[str, str], ...]] = {}
    """See `making`: its sub-modules that are no files (an empty name: itself), their names and what these lead to."""
    makes_deprecated: bool = False
    """Whether what makes them is called after deprecations."""
