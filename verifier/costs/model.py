"""What the cost rules ask about: the size of a thing, the loop that repeats a place, the element a loop is at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import libcst as cst

from verifier.semantics.infer import Inference
from verifier.semantics.model import Call, Facts, Loop, Scope


class Size(IntEnum):
    """How far a number of turns or elements can grow, least first."""

    SMALL = 0
    """Written out, or at most `extents.FEW`."""
    FIXED = 1
    """A large constant: many, but it never grows."""
    SLOW = 2
    """Grows like a logarithm or a root of something."""
    UNKNOWN = 3
    """A number that nobody says anything of, such as a parameter."""
    LENGTH = 4
    """As many as a container of unknown size has."""
    OUTSIDE = 5
    """A number, or the length of something, that is read from outside the program."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A size with the words for it (`len(items)`), the container that it measures, and the names that decide it."""

    size: Size
    text: str = ""
    of: str | None = None
    names: frozenset[str] = frozenset()
    depends: Loop | None = None
    """The outer loop whose position it follows, as `range(i)` does."""

    @property
    def grows(self) -> bool:
        """Whether the input decides it."""
        return self.size >= Size.LENGTH


@dataclass(frozen=True, slots=True)
class Repeat:
    """The loop that repeats a place, and the call through which it does so from another function."""

    loop: Loop
    extent: Extent
    via: Call | None = None


@dataclass(frozen=True, slots=True)
class Visited:
    """What a loop is at: the text of the sequence where it names one, its index variable, the element's names."""

    text: str | None
    index: str | None
    elements: frozenset[str] = frozenset()


class Done(StrEnum):
    """What code may do with an object that a path leads to."""

    BOUND = "bound"
    """The path leads to another object from here on."""
    CHANGED = "changed"
    PASSED = "passed"
    """Handed to code that nobody knows, which may change or keep it."""
    KEPT = "kept"
    """Put where it can be reached by another path."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing done with a path such as `("self", "rows", "[]")`, at a place in the order of the file."""

    path: tuple[str, ...]
    place: int
    done: Done
    into: tuple[int, str] | None = None
    """The parameter that it is handed to, by the id of the scope of a function of the file, and the name."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Another path to the object of a path, with the scope and name at its root."""

    path: tuple[str, ...]
    key: tuple[int, str]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Doings:
    """What a file does with names, by the id of the scope that a name belongs to and the name."""

    done: Mapping[tuple[int, str], list[Doing]]
    aliases: Mapping[tuple[int, str], list[Alias]]
    spans: Mapping[int, tuple[int, int]]
    """First and last place of each small statement, loop and comprehension, by the id of its node."""
    reads: Mapping[tuple[int, str], list[tuple[int, int]]]
    """Where a name is read: the place and the id of the function's scope."""
    foreign: Mapping[tuple[int, str], set[int]]
    """The functions, by id of their scope, that bind, change or hand on what is not their own."""
    statements: Mapping[int, cst.Assign | cst.AnnAssign]
    """Assignments to one target by the id of the value."""
    blocks: Mapping[int, tuple[Sequence[cst.CSTNode], int]]
    """By the id of a small or compound statement: the statements of its block, and which of them it stands in."""
    subscripts: Mapping[int, cst.Subscript]
    """By the id of what is subscripted."""
    handed: Mapping[int, tuple[int, str]]
    """The parameter of a function of the file that an argument is for, by the id of the argument."""
    leaving: frozenset[int] = frozenset()
    """The places in what a `return` gives: no turn of a loop follows them."""
    alone: dict[tuple[int, str, bool], bool] = field(default_factory=dict)
    """What is known of parameters, filled by `changes.is_left_alone`."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a model that a query gives, with the texts that say what else it reads."""

    model: str
    along: str
    """The code of the arguments of `select_related`, `options` and the like; `*` where that is not written."""
    django: bool = False
    """Whether they come from `Model.objects` by Django's own methods alone."""


@dataclass(slots=True, eq=False)
class Costs:
    """One file with what the cost rules ask of it again and again; `open_costs` makes it."""

    facts: Facts
    inference: Inference
    calls: Mapping[str, list[Call]]
    """By the last name of what is called."""
    functions: Mapping[str, list[Scope]]
    """Scopes of the functions of the file by name."""
    growing: frozenset[str]
    """Texts of containers that something is added to."""
    shrinking: frozenset[str]
    """Texts of containers that something is taken from."""
    extents: dict[int, Extent] = field(default_factory=dict)
    """By the id of a loop, filled by `extents.turns`."""
    parts: set[tuple[int, str]] | None = None
    """Loops, by id, with the variables in them that are read by attribute or key; filled by `data.of_data`."""
    outside: dict[tuple[int, int], bool] = field(default_factory=dict)
    """By the ids of node and scope, filled by `origins.outside`."""
    data: dict[int, bool] = field(default_factory=dict)
    """Whether data is handed in for a parameter, by its id, filled by `data.is_data`."""
    handed: dict[int, Rows | None] = field(default_factory=dict)
    """The rows of a database that are handed in for a parameter, by its id, filled by `querysets.rows`."""
    through: dict[tuple[int, int], Repeat | None] = field(default_factory=dict)
    """By the id of a parameter and the depth of the question, filled by `repeats.repeated`."""
    coroutines: dict[int, bool] = field(default_factory=dict)
    """Whether a coroutine only reads, by the id of its scope, filled by `awaits.reads`."""
    computing: dict[int, bool] = field(default_factory=dict)
    """Whether a function only works something out, by the id of its scope, filled by `computing.computes`."""
    doings: Doings | None = None
    """Filled by `doings.doings`."""


def text_of(costs: Costs, node: cst.CSTNode) -> str:
    """The code of a node on one line."""
    if isinstance(node, cst.Name):
        return node.value
    return " ".join(costs.facts.tree.code_for_node(node).split())
