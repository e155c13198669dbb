"""Variables whose class nothing says, each with every attribute that the code reads from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from verifier.checks.registry import Parsed, symbols
from verifier.semantics.model import Binding, BindingKind, Branch, Scope, Use, instance_class
from verifier.semantics.names import normal, reaching, visible
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import FileFrame
from verifier.symbols.values import Value, without_none


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an expression stands."""

    scope: Scope
    order: int
    branch: Branch | None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One attribute that is read from a variable."""

    name: str
    node: cst.Attribute
    use: Use
    called: bool


@dataclass(frozen=True, slots=True, eq=False)
class Receiver:
    """A variable with every attribute that is read from it."""

    binding: Binding
    """Its first."""
    known: tuple[Value, ...] = ()
    """What some of its values are."""
    sure: bool = False
    """Whether that holds of every value that is not made from another one of its own."""
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Untyped:
    """The receivers of a file."""

    parameters: Mapping[int, Receiver]
    """Parameters while they have the argument's value, by the identity of their binding."""
    variables: Mapping[tuple[int, str], Receiver]
    """Parameters and other names that are assigned to over and over, by their scope's identity and name."""


def untyped(parsed: Parsed) -> Untyped:
    """The receivers of a file, looked for once."""
    memo = symbols(parsed).world.memo
    key = ("untyped", id(parsed.facts))
    if key not in memo:
        memo[key] = _read(parsed)
    known: Untyped = memo[key]
    return known


def variable(parsed: Parsed, node: cst.Name, scope: Scope) -> Receiver | None:
    """The receiver that a name stands for, whatever it is bound to at that point."""
    found = visible(parsed.facts, normal(node.value), scope)
    return untyped(parsed).variables.get((id(found[0]), node.value)) if found else None


def _read(parsed: Parsed) -> Untyped:
    parameters: dict[int, Receiver] = {}
    variables: dict[tuple[int, str], Receiver] = {}
    unfit: set[tuple[int, str]] = set()
    for use in parsed.facts.attributes:
        node: cst.BaseExpression = use.node
        step: cst.Attribute | None = None
        while isinstance(node, cst.Attribute):
            step, node = node, node.value
        if step is None or not isinstance(node, cst.Name) or instance_class(node.value, use.scope) is not None:
            continue
        called = step is use.node and isinstance(use.parent, cst.Call) and use.parent.func is step
        reading = Reading(step.attr.value, step, use, called)
        bindings = reaching(parsed.facts, node.value, use.scope, use.order) or ()
        if len(bindings) == 1 and _is_plain(bindings[0]):
            parameters.setdefault(id(bindings[0]), Receiver(bindings[0])).readings.append(reading)
        owner = visible(parsed.facts, normal(node.value), use.scope)
        if owner is None:
            continue
        key = (id(owner[0]), node.value)
        if key not in variables and key not in unfit:
            known = _known(parsed, node.value, owner[1])
            if known is None:
                unfit.add(key)
            else:
                variables[key] = Receiver(owner[1][0], *known)
        if key in variables:
            variables[key].readings.append(reading)
    return Untyped(parameters, variables)


def _is_plain(binding: Binding) -> bool:
    return binding.kind is BindingKind.PARAMETER and binding.annotation is None


def _known(parsed: Parsed, name: str, bindings: Sequence[Binding]) -> tuple[tuple[Value, ...], bool] | None:
    """What is known of a variable's values, and whether of all; None where it is bound in ways that say nothing."""
    found: list[Value] = []
    sure = True
    for each in bindings:
        if _is_plain(each):
            sure = False
            continue
        if each.kind is not BindingKind.ASSIGNMENT or each.value is None or each.place or each.annotation is not None:
            return None
        if _root(each.value) != name:
            frame = FileFrame(symbols(parsed), each.scope, each.order, each.branch)
            values = without_none(evaluate(each.value, frame))
            sure = sure and bool(values)
            found += values
    return tuple(found), sure and bool(found)


def _root(node: cst.BaseExpression) -> str | None:
    """The name that a chain of attributes, calls, subscripts and operations begins with."""
    while True:
        match node:
            case cst.Name():
                return node.value
            case cst.Attribute() | cst.Subscript():
                node = node.value
            case cst.Call():
                node = node.func
            case cst.BinaryOperation():
                node = node.left
            case _:
                return None
