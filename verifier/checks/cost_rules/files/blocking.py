"""Calls in coroutines that wait without giving the event loop back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import libcst as cst

from verifier import catalogue
from verifier.checks.cost_rules.files.places import called
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, code_of, finding
from verifier.checks.rewrites.common import Unfixable, put, range_of
from verifier.checks.rewrites.insertion import inserted
from verifier.costs.loops.standing import calls_of, every_call
from verifier.costs.model import Costs
from verifier.model import Finding, Fix, Related, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call, Scope
from verifier.semantics.names import reaching

_THREAD = "`await asyncio.to_thread(…)`"
_TASKS = ("create_task", "gather", "TaskGroup", "ensure_future", "start_soon", "run_forever", "serve_forever")


@dataclass(frozen=True, slots=True)
class Blocking:
    """A call that waits, what to use in a coroutine in its place, and whether it matters only sometimes."""

    call: Call
    other: str
    petty: bool = False


@cache
def _table() -> Mapping[str, Any]:
    return catalogue.table("cost/blocking")


def blocking(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each call that waits in a coroutine, or in a function that a coroutine calls."""
    coroutines = {id(scope) for group in costs.functions.values() for scope in group if _asynchronous(scope)}
    if not coroutines or in_tests(parsed):
        return
    inside: dict[int, tuple[Scope, Blocking]] = {}
    for each in _waiting(parsed, costs):
        function = each.call.scope.function
        if function is None:
            continue
        if id(function) in coroutines:
            yield _found(parsed, costs, rule, each, function)
        elif not each.petty and function.kind.value == "function" and every_call(each.call):
            inside.setdefault(id(function), (function, each))
    for helper, each in inside.values():
        for site in calls_of(costs, helper):
            caller = site.scope.function
            if caller is not None and id(caller) in coroutines:
                yield _found(parsed, costs, rule, each, caller, site)


def _asynchronous(scope: Scope) -> bool:
    return isinstance(scope.node, cst.FunctionDef) and scope.node.asynchronous is not None


def _waiting(parsed: Parsed, costs: Costs) -> Iterator[Blocking]:
    table = _table()
    for key in ("calls", "petty"):
        for call, path in called(parsed, costs, tuple(table[key])):
            yield Blocking(call, table[key][path], key == "petty")
    owners: dict[str, set[str]] = defaultdict(set)
    for owner, names in table["methods"].items():
        for name in names:
            owners[name].add(owner)
    for name, known in owners.items():
        for call in costs.calls.get(name, ()):
            if isinstance(call.node.func, cst.Attribute):
                types = parsed.inference.types(call.node.func.value, call.scope, call.order)
                if types and set(types) <= known:
                    yield Blocking(call, _THREAD if not types[0].startswith(("req", "httpx")) else "httpx.AsyncClient")
    for call in costs.calls.get("result", ()):
        if _submitted(parsed, call):
            yield Blocking(call, "`await asyncio.wrap_future(…)`")


def _submitted(parsed: Parsed, call: Call) -> bool:
    """Whether `.result()` is of what `pool.submit(…)` gave."""
    match call.node.func:
        case cst.Attribute(value=cst.Name(value=name)):
            bindings = reaching(parsed.facts, name, call.scope, call.order) or ()
            values = [each.value for each in bindings if each.kind is BindingKind.ASSIGNMENT]
        case cst.Attribute(value=cst.Call() as value):
            bindings, values = (), [value]
        case _:
            return False
    return len(values) == max(len(bindings), 1) and all(
        isinstance(each, cst.Call) and isinstance(each.func, cst.Attribute) and each.func.attr.value == "submit"
        for each in values
    )


def _found(
    parsed: Parsed, costs: Costs, rule: Rule, each: Blocking, function: Scope, site: Call | None = None
) -> Finding:
    name = dotted(each.call.node.func) or code_of(parsed, each.call.node.func)
    place = Related(parsed.source.path, parsed.positions.span(each.call.node), "what waits")
    made = finding(
        rule,
        parsed,
        (site or each.call).node,
        symbol=name,
        related=(place,) if site is not None else (),
        evidence={"waits": code_of(parsed, each.call.node), "coroutine": function.name},
        call=code_of(parsed, (site or each.call).node.func),
        function=function.name,
        through=f" (through `{name}`)" if site is not None else "",
        other=each.other if site is None else _THREAD,
    )
    petty = each.petty and not (name == "input" and any(costs.calls.get(task) for task in _TASKS))
    fix = _asleep(parsed, each.call) if site is None else None
    return replace(made, severity=Severity.INFO if petty else made.severity, fix=fix)


def _asleep(parsed: Parsed, call: Call) -> Fix | None:
    """`await asyncio.sleep(x)` for `time.sleep(x)`, with the import that it needs."""
    match call.statement, call.node:
        case cst.Expr(value=value), cst.Call(func=func, args=[_]) if value is call.node:
            if not (dotted(func) or "").endswith("sleep"):
                return None
        case _:
            return None
    bindings = reaching(parsed.facts, "asyncio", call.scope, call.order)
    if bindings is not None and not all(each.path == "asyncio" for each in bindings):
        return None
    try:
        edits = [put(parsed, *range_of(parsed, func), "await asyncio.sleep")]
        if bindings is None:
            edits.append(inserted(parsed, "import asyncio", "asyncio"))
    except Unfixable:
        return None
    return Fix("Wait with `await asyncio.sleep(…)`", tuple(edits), safe=False)


RULES: CostRules = {"blocking-call-in-async": blocking}
