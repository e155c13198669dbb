"""One run over a file: what is looked for, what was met, and how much may still be followed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import libcst as cst

from verifier.values.model import Function, Names, Taints, Value
from verifier.values.state import State

MOST_STEPS = 150_000
"""Expressions that are evaluated of one file before calls are no longer followed, and what merging costs as well."""
DEEPEST_CALLS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A call through which a value reached the place where it counts."""

    node: cst.CSTNode
    name: str


Reached = Callable[[cst.CSTNode, Value, Taints, tuple[Step, ...]], None]
"""Told of every watched node: the node, its value, all it depends on, the calls that lead there, outermost first."""


@dataclass(slots=True, eq=False)
class Run:
    """What one run over a file looks for (nodes by `id`) and what is left of its means."""

    sources: Mapping[int, tuple[str, ...]]
    """The kinds of origin that a node is."""
    cleaned: Mapping[int, tuple[str, ...]]
    """The marks that everything gets which passes a node."""
    watched: frozenset[int]
    reached: Reached
    evaluate: Callable[[Run, State, cst.BaseExpression], Value]
    execute: Callable[[Run, State, cst.BaseSuite], State | None]
    unknown: str | None = None
    """The kind of origin that whatever is not known counts as; None: nothing is known of it."""
    steps: int = 0
    calls: list[Step] = field(default_factory=list)
    active: list[int] = field(default_factory=list)
    """The functions whose bodies are being run, by `id` of their node."""
    pending: deque[Function] = field(default_factory=deque)
    """Functions that were met and are still to be run on their own."""
    seen: set[int] = field(default_factory=set)
    methods: dict[str, list[Function]] = field(default_factory=dict)
    """The methods of all classes of the file by name."""
    numbers: set[str] = field(default_factory=set)
    """Names of command-line arguments that are numbers, flags or one of a few words."""
    assigned: dict[int, frozenset[str]] = field(default_factory=dict)
    """The names that a loop's body may give another value, by `id` of the loop."""
    module: Names = field(default_factory=lambda: Names({}))
    returned: list[list[tuple[Value, State]]] = field(default_factory=list)
    """By activation: what its `return` and `yield` gave so far."""
    left: list[list[State]] = field(default_factory=list)
    """By loop: the points at which `break` or `continue` left its body."""

    @property
    def exhausted(self) -> bool:
        """Whether calls should no longer be followed."""
        return self.steps > MOST_STEPS
