"""Makes the `Costs` of one file from what the walk recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.guards import dotted
from verifier.semantics.infer import Inference
from verifier.semantics.model import Call, Facts, Scope, ScopeKind

_ADDING = ("append", "extend", "insert", "add", "update", "appendleft", "setdefault")
_TAKING = ("pop", "popleft", "remove", "popitem")


def open_costs(facts: Facts, inference: Inference) -> Costs:
    """What the cost rules ask of one file, indexed once."""
    calls: dict[str, list[Call]] = defaultdict(list)
    for call in facts.calls:
        match call.node.func:
            case cst.Attribute(attr=cst.Name(value=name)) | cst.Name(value=name):
                calls[name].append(call)
            case _:
                pass
    functions: dict[str, list[Scope]] = defaultdict(list)
    for scope in facts.scopes:
        if scope.kind is ScopeKind.FUNCTION:
            functions[scope.name].append(scope)
    growing, shrinking = frozenset(_growing(facts, calls)), frozenset(_changed(calls, _TAKING))
    return Costs(facts, inference, calls, functions, growing, shrinking)


def _changed(calls: dict[str, list[Call]], methods: tuple[str, ...]) -> Iterator[str]:
    for name in methods:
        for call in calls.get(name, ()):
            if isinstance(call.node.func, cst.Attribute) and (text := dotted(call.node.func.value)):
                yield text


def _growing(facts: Facts, calls: dict[str, list[Call]]) -> Iterator[str]:
    yield from _changed(calls, _ADDING)
    for each in facts.augmented:
        if isinstance(each.node, cst.AugAssign) and (text := dotted(each.node.target)):
            yield text
