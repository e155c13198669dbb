"""Rows of other tables that are read one by one through the attributes of a query's rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from verifier.checks.cost_rules.reporting import costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.database.guessed import guessed, imported_model
from verifier.costs.database.querysets import element, rows
from verifier.costs.database.relations import Relation, Relations, relations
from verifier.costs.extents import turns
from verifier.costs.loops.standing import remembers, surely
from verifier.costs.model import Costs, Repeat, Rows
from verifier.costs.origins import arguments
from verifier.model import Finding, Rule
from verifier.semantics.guards import dotted
from verifier.semantics.model import Binding, BindingKind, Call, Loop, Scope, Use
from verifier.semantics.names import reaching

_MENTIONS = re.compile(r"relationship|ForeignKey|\bmodels\b|_set\b|OneToOne|ManyToMany", re.IGNORECASE)
_READING = frozenset(
    {
        "all",
        "filter",
        "exclude",
        "count",
        "exists",
        "first",
        "last",
        "values",
        "values_list",
        "order_by",
        "aggregate",
        "get",
    }
)
_WRITING = frozenset({"add", "set", "append", "remove", "create", "clear", "extend", "insert"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A loop over the rows of a query, and the call that hands a row to another function."""

    loop: Loop
    rows: Rows
    via: Call | None = None


def related(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each relation that a loop over rows reads for every row, where the query did not bring it along."""
    if _MENTIONS.search(parsed.text) is None:
        return
    visits = _visits(costs)
    if not visits:
        return
    known = relations(parsed.facts, parsed.text, parsed.source.file)
    unknown = frozenset(_elsewhere(costs, visits, known))
    if not any(each.rows.model in unknown or known.get(each.rows.model) for each in visits.values()):
        return
    given = _given(costs, visits)
    asked = {id(call.node.func): call.node for group in costs.calls.values() for call in group} if unknown else {}
    seen: set[tuple[int, str]] = set()
    for use in parsed.facts.attributes:
        for visit, relation in _of_row(costs, use, visits, given, known, unknown, asked):
            key = (id(visit.loop), relation.name)
            if key not in seen:
                seen.add(key)
                yield _found(parsed, costs, rule, use, visit, relation)


def _visits(costs: Costs) -> dict[int, Visit]:
    """The loops over rows, by their id."""
    found: dict[int, Visit] = {}
    for loop in costs.facts.loops:
        if loop.iterable is not None and element(loop) is not None and turns(costs, loop).grows:
            query = rows(costs, loop.iterable, loop.scope, loop.order)
            if query is not None:
                found[id(loop)] = Visit(loop, query)
    return found


def _given(costs: Costs, visits: Mapping[int, Visit]) -> dict[int, Visit]:
    """The parameters, by the id of their node, that calls in such loops hand a row to."""
    found: dict[int, Visit] = {}
    for name, functions in costs.functions.items():
        if len(functions) != 1 or name not in costs.calls:
            continue
        for parameter in _parameters(functions[0]):
            for call, value in arguments(costs, parameter):
                if isinstance(value, cst.Name):
                    visit = _visit_of(costs, value.value, call.scope, call.order, visits)
                    if visit is not None and not isinstance(call.node.func, cst.Attribute):
                        found.setdefault(id(parameter.node), Visit(visit.loop, visit.rows, call))
    return found


def _parameters(function: Scope) -> Iterator[Binding]:
    node = function.node
    if isinstance(node, cst.FunctionDef) and not any(remembers(each.decorator) for each in node.decorators):
        for group in function.bindings.values():
            yield from (each for each in group if each.kind is BindingKind.PARAMETER)


def _visit_of(costs: Costs, name: str, scope: Scope, order: int, visits: Mapping[int, Visit]) -> Visit | None:
    """The loop over rows whose row a name holds."""
    bindings = reaching(costs.facts, name, scope, order) or ()
    match bindings:
        case [Binding(kind=BindingKind.LOOP, loop=Loop() as loop)] if id(loop) in visits and element(loop) == name:
            return visits[id(loop)]
        case _:
            return None


def _of_row(
    costs: Costs,
    use: Use,
    visits: Mapping[int, Visit],
    given: Mapping[int, Visit],
    known: Relations,
    unknown: frozenset[str],
    asked: Mapping[int, cst.Call],
) -> Iterator[tuple[Visit, Relation]]:
    """The relations of a loop's row that a chain of attributes reads, as far as nothing brought them along."""
    parts = (dotted(use.node) or "").split(".")
    if len(parts) < 2 or parts[0] in {"self", "cls"}:
        return
    visit = _visit_of(costs, parts[0], use.scope, use.order, visits)
    if visit is None:
        bindings = reaching(costs.facts, parts[0], use.scope, use.order) or ()
        visit = given.get(id(bindings[0].node)) if len(bindings) == 1 else None
    if visit is None:
        return
    relation = known.get(visit.rows.model, {}).get(parts[1])
    if visit.rows.model in unknown and visit.rows.django and len(parts) > 2 and _always(use, visit):
        relation = guessed(parts[1], parts[2], asked.get(id(use.node)) if len(parts) == 3 else None)
    if relation is None or not relation.lazy or re.search(rf"\b{relation.name}\b|\*", visit.rows.along):
        return
    if relation.manager and (len(parts) < 3 or parts[2] not in _READING):
        return
    if relation.many and parts[2:] and parts[2] in _WRITING:
        return
    yield visit, relation


def _elsewhere(costs: Costs, visits: Mapping[int, Visit], known: Relations) -> Iterator[str]:
    """The models whose rows loops go through and that are imported from modules which are not at hand."""
    for visit in visits.values():
        model, loop = visit.rows.model, visit.loop
        if model not in known and imported_model(costs, model, loop.scope, loop.order):
            yield model


def _always(use: Use, visit: Visit) -> bool:
    """Whether every row comes to a place, as far as its own function says."""
    return use.branch is None or visit.via is not None or surely(use.branch, visit.loop)


def _found(parsed: Parsed, costs: Costs, rule: Rule, use: Use, visit: Visit, relation: Relation) -> Finding:
    return costly(
        rule,
        parsed,
        use.node,
        Repeat(visit.loop, turns(costs, visit.loop), visit.via),
        evidence={"model": visit.rows.model, "relation": relation.name, "leads to": relation.target or "?"},
        call=code_of(parsed, use.node),
        does="sends one query" if relation.many else "reads a row of another table with one query",
    )
