"""Templates, schemas and patterns that are compiled on every turn although nothing in them changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import libcst as cst

from verifier import catalogue
from verifier.checks.cost_rules.files.places import called
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of
from verifier.checks.rewrites.common import Unfixable, places, range_of
from verifier.costs.database.querysets import last_name
from verifier.costs.loops.standing import again
from verifier.costs.model import Costs, Repeat
from verifier.costs.objects.keeping import Held, held, kept
from verifier.model import Finding, Fix, Rule, Severity
from verifier.semantics.fields import descend
from verifier.semantics.model import Call, Loop


@cache
def _groups() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = catalogue.table("cost/prepared")["group"]
    return found


def compiled(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each thing that is made ready anew on every turn of a loop."""
    if in_tests(parsed):
        return
    names: Held | None = None
    lines: dict[int, frozenset[int]] = {}
    for group in _groups().values():
        for call in _preparations(parsed, costs, group):
            repeat = again(costs, call, _given(call), each=True)
            if repeat is None:
                continue
            names = held(costs) if names is None else names
            if kept(call, names):
                continue
            built = bool(group.get("petty")) and _built(call)
            petty = (group.get("petty") and not built) or not repeat.extent.grows
            yield costly(
                rule,
                parsed,
                call.node,
                repeat,
                evidence={"made": code_of(parsed, call.node), "changes": "nothing that it is given"},
                severity=Severity.INFO if petty else None,
                fix=_hoisted(parsed, call, repeat, lines),
                call=code_of(parsed, call.node),
                does="puts the same pattern together" if built else group["does"],
                turns=f": {repeat.extent.text} times" if repeat.extent.text else "",
            )


def _preparations(parsed: Parsed, costs: Costs, group: Mapping[str, Any]) -> Iterator[Call]:
    yield from (call for call, _ in called(parsed, costs, group["calls"]))
    for owner, names in group.get("methods", {}).items():
        for name in names:
            for call in costs.calls.get(name, ()):
                if isinstance(call.node.func, cst.Attribute) and call.node.args:
                    types = parsed.inference.types(call.node.func.value, call.scope, call.order)
                    if types == (owner,):
                        yield call


def _given(call: Call) -> list[cst.BaseExpression] | None:
    """What must not change: all arguments, or the schema alone where the first one is what is validated."""
    match call.node.func:
        case cst.Name(value="validate") | cst.Attribute(attr=cst.Name(value="validate")):
            return [each.value for each in call.node.args[1:]]
        case _:
            return None


def _built(call: Call) -> bool:
    """Whether a pattern's text is put together from a collection, or from each element of one, on every turn."""
    text: cst.CSTNode = call.node.args[0].value if call.node.args else call.node
    parts = list(_nodes(text))
    if isinstance(text, cst.Name):
        made = [each.value for each in call.scope.bindings.get(text.value, ()) if each.loop is call.loop]
        parts += [node for each in made for node in _nodes(each)]
    return any(isinstance(each, cst.Call) and last_name(each) in {"join", "escape"} for each in parts)


def _nodes(node: cst.CSTNode | None) -> Iterator[cst.CSTNode]:
    if node is not None:
        yield node
        yield from descend(node)


def _hoisted(parsed: Parsed, call: Call, repeat: Repeat, lines: dict[int, frozenset[int]]) -> Fix | None:
    """The line moved above its loop, where it is a line of the loop's own that gives one name its only value."""
    loop = call.loop
    if repeat.via is not None or loop is None or not isinstance(loop.node, cst.For) or loop.node.asynchronous:
        return None
    match call.statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value) if value is call.node:
            if len(call.scope.bindings.get(name, ())) != 1 or _bound_inside(call, loop):
                return None
        case _:
            return None
    if id(loop) not in lines:
        lines[id(loop)] = frozenset(_lines(loop.node.body))
    if id(call.statement) not in lines[id(loop)] or len(loop.node.body.body) < 2:  # a loop keeps a line of its own
        return None
    try:
        at = places(parsed)
        start, end = range_of(parsed, call.statement)
        first, last = at.line_start(start), at.line_end(end - 1)
        head, _ = at.range(parsed.positions.span(loop.node))  # rendering all of the loop would take too long
        above = at.line_start(head)
        indent, line = parsed.text[above:head], parsed.text[start:last]
        if indent.strip() or "\n" in line.rstrip("\r\n") or parsed.text[first:start].strip():
            return None
        return Fix(
            f"Move `{name} = …` above the loop",
            (at.edit(above, above, indent + line), at.edit(first, last, "")),
            safe=False,
        )
    except (Unfixable, KeyError, ValueError):
        return None


def _bound_inside(call: Call, loop: Loop) -> bool:
    """Whether a call reads a name that its loop binds."""
    names = {each.value for each in descend(call.node) if isinstance(each, cst.Name)}
    return any(
        each.loop is not None and each.loop.within(loop) for name in names for each in call.scope.bindings.get(name, ())
    )


def _lines(block: cst.BaseSuite) -> Iterator[int]:
    """The ids of the statements of a block that have a line for themselves."""
    for each in block.body:
        if isinstance(each, cst.SimpleStatementLine) and len(each.body) == 1:
            yield id(each.body[0])


RULES: CostRules = {"compiled-per-turn": compiled}
