"""What holds at one point of a run: names, containers and objects; and how two such points become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from verifier.values.model import NONE, UNKNOWN, Contents, Names, Taints, Value, either, marked, tainted

_numbers = count(1)
_DEEPEST = 4


@dataclass(slots=True, eq=False)
class State:
    """One point: the names of the activation that runs, and the heap that all activations share."""

    names: Names
    heap: dict[int, Contents] = field(default_factory=dict)
    loops: int = 0
    """In how many loops this is; what may happen on any turn adds to what was there instead of replacing it."""
    dead: bool = False
    """Whether this point cannot be left: what was called here never returns."""

    def copy(self) -> State:
        """The same point, free to go another way."""
        names = Names(dict(self.names.values), self.names.outer, self.names.globals)
        return State(names, dict(self.heap), self.loops)

    def new(self, contents: Contents) -> Value:
        """A container or object with these contents."""
        number = next(_numbers)
        self.heap[number] = contents
        return Value(box=number)

    def contents(self, value: Value) -> Contents | None:
        """What a value holds, where it is a container or an object that was made here."""
        return self.heap.get(value.box) if value.box is not None else None

    def depends(self, value: Value, depth: int = 0) -> Taints:
        """Everything that a value or anything in it depends on."""
        held = self.contents(value)
        if held is None or depth > _DEEPEST:
            return value.taints
        found = set(value.taints)
        for each in (*held.items.values(), *([held.rest] if held.rest else ())):
            found |= self.depends(each, depth + 1)
        return frozenset(found)

    def marked(self, value: Value, *marks: str, depth: int = 0) -> Value:
        """The value with marks on all that it or anything in it depends on; a container stays one, as a copy."""
        held = self.contents(value)
        if held is None or self.depends(value) == value.taints:
            return marked(value, *marks)
        if depth > _DEEPEST:
            return marked(tainted(self.depends(value)), *marks)
        items = {key: self.marked(each, *marks, depth=depth + 1) for key, each in held.items.items()}
        rest = self.marked(held.rest, *marks, depth=depth + 1) if held.rest else None
        return replace(marked(value, *marks), box=self.new(replace(held, items=items, rest=rest)).box)

    def either(self, one: Value, other: Value) -> Value:
        """A value that is one or the other; of two different containers only what they depend on remains."""
        if one.box == other.box:
            return either(one, other)
        return either(one, other, self.depends(one) | self.depends(other))

    def member(self, value: Value, key: Any) -> Value:
        """What is under a key of a container or an attribute name of an object."""
        held = self.contents(value)
        if held is None:
            return tainted(value.taints)
        if key in held.items:
            return self._with(held.items[key], value.taints)
        if held.rest is not None:
            return self._with(held.rest, value.taints)
        return tainted(value.taints)

    def any_member(self, value: Value) -> Value:
        """What any member of a container can be."""
        held = self.contents(value)
        if held is None:
            if value.constants is not None:
                return _elements(value.constants)
            return replace(tainted(value.taints), parsed=value.parsed)
        members = [*held.items.values(), *([held.rest] if held.rest else ())]
        if not members:
            return tainted(value.taints)
        found = members[0]
        for each in members[1:]:
            found = self.either(found, each)
        return self._with(found, value.taints)

    def store(self, value: Value, key: Any, member: Value) -> None:
        """Put a member under a key that is known (`store_any`: that is not)."""
        held = self.contents(value)
        if held is None or value.box is None:
            return
        if self.loops and held.kind != "object" and key in held.items:
            member = self.either(held.items[key], member)
        exact = held.exact and (held.kind != "list" or key in held.items)
        self.heap[value.box] = replace(held, items={**held.items, key: member}, exact=exact)

    def store_any(self, value: Value, member: Value) -> None:
        """Add a member under a key that is not known."""
        held = self.contents(value)
        if held is None or value.box is None:
            return
        rest = member if held.rest is None else self.either(held.rest, member)
        items = {key: self.either(each, member) for key, each in held.items.items()}
        self.heap[value.box] = replace(held, items=items, rest=rest, exact=False)

    def merge(self, others: Iterable[State]) -> State:
        """The point at which this one and others meet."""
        for other in others:
            self._merge_names(other)
            self._merge_heap(other)
        return self

    def _merge_names(self, other: State) -> None:
        mine, theirs = self.names.values, other.names.values
        for name, value in theirs.items():
            if name not in mine:
                mine[name] = value
            elif mine[name] != value:
                ours = mine[name]
                more = NONE if ours.box == value.box else self.depends(ours) | other.depends(value)
                mine[name] = either(ours, value, more)

    def _merge_heap(self, other: State) -> None:
        for number, theirs in other.heap.items():
            ours = self.heap.get(number)
            if ours is None:
                self.heap[number] = theirs
            elif ours is not theirs and ours != theirs:
                self.heap[number] = self._merged(ours, theirs, other)

    def _merged(self, ours: Contents, theirs: Contents, other: State) -> Contents:
        def joined(one: Value, two: Value) -> Value:
            return either(one, two, NONE if one.box == two.box else self.depends(one) | other.depends(two))

        items = dict(ours.items)
        for key, value in theirs.items.items():
            items[key] = joined(items[key], value) if key in items else value
        rest = (
            ours.rest if theirs.rest is None else theirs.rest if ours.rest is None else joined(ours.rest, theirs.rest)
        )
        same = ours.exact and theirs.exact and ours.items.keys() == theirs.items.keys()
        if not same and ours.kind == "list":
            for value in items.values():
                rest = value if rest is None else joined(rest, value)
            items = {}
        return replace(ours, items=items, rest=rest, exact=same)

    @staticmethod
    def _with(value: Value, taints: Taints) -> Value:
        if not taints - value.taints:
            return value
        return (
            either(value, tainted(taints))
            if value.constants is not None
            else replace(value, taints=value.taints | taints, text=None)
        )


def _elements(constants: tuple[Any, ...]) -> Value:
    """What iterating over constants gives."""
    found: dict[str, Any] = {}
    for each in constants:
        if not isinstance(each, str | tuple | list | frozenset | bytes) or len(each) > 8:  # see model
            return UNKNOWN
        found |= {repr(element): element for element in each}
    return Value(constants=tuple(found.values())) if found and len(found) <= 8 else UNKNOWN
