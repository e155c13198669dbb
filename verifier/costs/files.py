"""Files that the code opens, and what is done with what they give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.fields import semantic_fields
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call, Scope, Use
from verifier.semantics.names import reaching

_OPENERS = frozenset({"open"})
_SYSTEM = ("/proc/", "/sys/", "/dev/")
Above = tuple[cst.CSTNode, cst.CSTNode]
"""The node around a node, and the one around that."""


def opening(costs: Costs, node: cst.BaseExpression, scope: Scope, order: int) -> cst.Call | None:
    """The call of `open` whose file an expression is: the call itself, or a name that has no other value."""
    match node:
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return node if name in _OPENERS else None
        case cst.Name():
            bindings = reaching(costs.facts, node.value, scope, order) or ()
            known = {BindingKind.WITH, BindingKind.ASSIGNMENT}
            found = [each.value for each in bindings if each.kind in known and not isinstance(each.value, cst.Name)]
            if len(bindings) == 1 == len(found) and found[0] is not None:
                return opening(costs, found[0], scope, order)
            return None
        case _:
            return None


def path_of(call: cst.Call) -> cst.BaseExpression | None:
    """What a call of `open` opens: its first argument, or the object whose method it is."""
    if isinstance(call.func, cst.Attribute) and (dotted(call.func) or "") not in {
        "io.open",
        "codecs.open",
        "gzip.open",
    }:
        return call.func.value
    return call.args[0].value if call.args else None


def of_the_system(call: cst.Call) -> bool:
    """Whether a file is one that the system makes up when it is read."""
    path = path_of(call)
    return isinstance(path, cst.SimpleString) and str(path.evaluated_value).startswith(_SYSTEM)


def above(tree: cst.Module, nodes: Sequence[cst.CSTNode]) -> Mapping[int, Above]:
    """The two nodes around each of some nodes, by their id, in one pass over the tree."""
    wanted = {id(each) for each in nodes}
    return dict(_above(tree, tree, tree, wanted)) if wanted else {}


def _above(node: cst.CSTNode, one: cst.CSTNode, two: cst.CSTNode, wanted: set[int]) -> Iterator[tuple[int, Above]]:
    if id(node) in wanted:
        yield id(node), (one, two)
    for name in semantic_fields(type(node)):
        value = getattr(node, name)
        for child in value if isinstance(value, list | tuple) else (value,):
            if isinstance(child, cst.CSTNode):
                yield from _above(child, node, one, wanted)


def reads_by_name(costs: Costs) -> Mapping[tuple[int, str], list[Use]]:
    """The reads of each name by the function that they stand in."""
    found: dict[tuple[int, str], list[Use]] = defaultdict(list)
    for use in costs.facts.names:
        if isinstance(use.node, cst.Name):
            found[id(use.scope.function), use.node.value].append(use)
    return found


def whole(costs: Costs, call: Call) -> cst.Call | None:
    """The call of `open` whose text a call gives as a list of all lines: `readlines()`, `read().splitlines()`."""
    match call.node:
        case cst.Call(func=cst.Attribute(value=file, attr=cst.Name(value="readlines")), args=[]):
            return opening(costs, file, call.scope, call.order)
        case cst.Call(
            func=cst.Attribute(
                value=cst.Call(func=cst.Attribute(value=file, attr=cst.Name(value="read" | "read_text")) as inner),
                attr=cst.Name(value="split" | "splitlines" as how),
            ),
            args=args,
        ):
            if how == "split" and not (len(args) == 1 and _newline(args[0].value)):
                return None
            if inner.attr.value == "read_text":
                return cst.ensure_type(call.node.func, cst.Attribute).value  # type: ignore[return-value]  # a call, as matched
            return opening(costs, file, call.scope, call.order)
        case _:
            return None


def _newline(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString) and str(node.evaluated_value) in {"\n", "\r\n"}
