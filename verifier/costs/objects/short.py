"""Lists that other code of the file keeps short, so that a search goes through a handful of elements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.objects.windows import bounded, limits
from verifier.semantics.fields import descend
from verifier.semantics.guards import dotted
from verifier.semantics.model import Scope, instance_class

_MOST = 100
"""Places that are looked at for one list."""


def kept_short(costs: Costs, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether elements are dropped when there are too many, or only the last ones are kept: `recent = recent[-9:]`."""
    text = dotted(node)
    if text is None:
        return False
    return (
        bounded(costs, text, scope, None, None)
        or any(_is_end(text, each) for each in _values(node, scope))
        or any(limits(costs, text, test) for test in _dropping(costs).get(text, ()))
    )


def _values(node: cst.BaseExpression, scope: Scope) -> list[cst.BaseExpression | None]:
    match node:
        case cst.Name(value=name):
            return [each.value for each in scope.bindings.get(name, ())[:_MOST]]
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attribute)):
            owner = instance_class(name, scope)
            return [each.value for each in owner.attributes.get(attribute, ())[:_MOST]] if owner is not None else []
        case _:
            return []


def _is_end(text: str, value: cst.BaseExpression | None) -> bool:
    """`recent[-9:]` of the list itself."""
    match value:
        case cst.Subscript(
            value=base,
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=cst.UnaryOperation(operator=cst.Minus()), upper=None))],
        ):
            return dotted(base) == text
        case _:
            return False


@lru_cache(maxsize=2)
def _dropping(costs: Costs) -> Mapping[str, list[cst.BaseExpression]]:
    """The tests of the file where something is deleted from a container, by its text; not all where there are many."""
    found: dict[str, list[cst.BaseExpression]] = defaultdict(list)
    for node in descend(costs.facts.tree):
        if not isinstance(node, cst.If | cst.While):
            continue
        for each in node.body.body:
            if (text := _deleted(each)) is not None and len(found[text]) < _MOST:
                found[text].append(node.test)
    return found


def _deleted(statement: cst.CSTNode) -> str | None:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Del(target=cst.Subscript(value=base)), *_]):
            return dotted(base)
        case cst.Del(target=cst.Subscript(value=base)):
            return dotted(base)
        case _:
            return None
