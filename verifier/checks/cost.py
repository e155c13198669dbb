"""Code whose cost grows with the square of its input: what is looped over, and what each turn does to a container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.checks.pairs import pair_loops
from verifier.checks.queries import queries
from verifier.checks.registry import Parsed, Rules, code_of, finding, per_file
from verifier.model import Finding, Problem, Related, Severity
from verifier.semantics.fields import descend
from verifier.semantics.loops import grows, leaves, small, small_value
from verifier.semantics.model import Binding, BindingKind, Loop, Scope
from verifier.semantics.names import reaching

_LIST = ("builtins.list",)
_STRINGS = frozenset({"builtins.str", "builtins.bytes"})


@per_file("cost")
def check(parsed: Parsed, rules: Rules) -> Iterator[Finding | Problem]:
    """All cost rules over one file."""
    yield from pair_loops(parsed, rules)
    yield from _membership(parsed, rules)
    yield from _shifts(parsed, rules)
    yield from _concatenation(parsed, rules)
    yield from queries(parsed, rules)


def _membership(parsed: Parsed, rules: Rules) -> Iterator[Finding]:
    """`x in items` on a list that outlives the loop around it."""
    rule = rules.get("list-membership-in-loop")
    if rule is None:
        return
    for use in parsed.facts.comparisons:
        comparison = use.node
        if use.loop is None or not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
            continue
        target = comparison.comparisons[0]
        if not isinstance(target.operator, cst.In | cst.NotIn):
            continue
        container = target.comparator
        if use.loop.test is not None and any(node is comparison for node in descend(use.loop.test)):
            continue  # `while answer not in choices` waits for something; it goes through nothing
        loop = repeated(parsed, container, use.loop, use.scope, use.order)
        if loop is not None and parsed.inference.types(container, use.scope, use.order) == _LIST:
            yield finding(
                rule,
                parsed,
                comparison,
                related=_loop(parsed, loop),
                evidence={"container": code_of(parsed, container), "class": "list"},
                container=code_of(parsed, container),
            )


def _shifts(parsed: Parsed, rules: Rules) -> Iterator[Finding]:
    """`items.pop(0)` and `items.insert(0, x)` on a list that outlives the loop around it."""
    rule = rules.get("list-shift-in-loop")
    if rule is None:
        return
    for call in parsed.facts.calls:
        match call.node:
            case cst.Call(
                func=cst.Attribute(value=container, attr=cst.Name(value="pop" | "insert" as name)),
                args=[cst.Arg(value=cst.Integer(value="0"), keyword=None), *rest],
            ) if call.loop is not None and len(rest) == (name == "insert"):
                loop = repeated(parsed, container, call.loop, call.scope, call.order)
                if loop is not None and parsed.inference.types(container, call.scope, call.order) == _LIST:
                    yield finding(
                        rule,
                        parsed,
                        call.node,
                        related=_loop(parsed, loop),
                        evidence={"container": code_of(parsed, container), "class": "list"},
                        call=code_of(parsed, call.node),
                    )
            case _:
                pass


def _concatenation(parsed: Parsed, rules: Rules) -> Iterator[Finding]:
    """`text += part` in a loop, where `text` was a string before it."""
    rule = rules.get("string-concat-in-loop")
    if rule is None:
        return
    for each in parsed.facts.augmented:
        node = each.node
        if each.loop is None or not isinstance(node, cst.AugAssign) or not isinstance(node.operator, cst.AddAssign):
            continue
        if leaves(each.loop, node) or not isinstance(node.target, cst.Name | cst.Attribute):
            continue
        loop = repeated(parsed, node.target, each.loop, each.scope, each.order, constant=False)
        kinds = parsed.inference.types(node.target, each.scope, each.order)
        if loop is not None and kinds and set(kinds) <= _STRINGS:
            in_place = isinstance(node.target, cst.Name) and kinds == ("builtins.str",)
            made = finding(
                rule,
                parsed,
                node,
                related=_loop(parsed, loop),
                evidence={"class": kinds[0], "extended in place by CPython": in_place},
                name=code_of(parsed, node.target),
            )
            # CPython extends a string in place while only one name holds it; an attribute is copied every time
            yield replace(made, severity=Severity.INFO) if in_place else made


def repeated(
    parsed: Parsed, container: cst.BaseExpression, loop: Loop, scope: Scope, order: int, *, constant: bool = True
) -> Loop | None:
    """The outermost loop that runs many times while a container lives; None where there is none or it stays small."""
    facts = parsed.facts
    if constant and small_value(facts, container, scope, order):
        return None
    bindings: list[Binding] = []
    match container:
        case cst.Name():
            bindings = [
                each
                for each in reaching(facts, container.value, scope, order) or ()
                if each.kind not in {BindingKind.AUGMENTED, BindingKind.DELETION}
            ]
            if not bindings:
                return None
            same_scope = all(each.scope.function is scope.function for each in bindings)
        case cst.Attribute(value=cst.Name()):
            same_scope = False
        case _:
            return None
    outermost: Loop | None = None
    current: Loop | None = loop
    while current is not None:
        made_inside = same_scope and any(each.loop is not None and each.loop.within(current) for each in bindings)
        if made_inside:
            break
        if not small(facts, current):
            outermost = current
        current = current.parent
    if outermost is None or not constant:
        return outermost
    # a list that nothing adds to and that was written out in full stays as long as it was written
    for each in bindings:
        if each.value is None or not isinstance(each.value, cst.List) or each.value.elements:
            return outermost
    name = container.value if isinstance(container, cst.Name) else ""
    return outermost if not bindings or grows(facts, name, bindings[0].scope) else None


def _loop(parsed: Parsed, loop: Loop) -> tuple[Related, ...]:
    where = loop.iterable or loop.test or loop.node
    span = parsed.positions.span(where)
    return (Related(parsed.source.path, span, "the loop that repeats it"),)
