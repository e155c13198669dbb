"""The text that an expression is, where the file writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from verifier.costs.model import Costs
from verifier.semantics.model import Binding, BindingKind, Scope, ScopeKind
from verifier.semantics.names import reaching

_DEEPEST = 6
_MOST = 100


def written_texts(
    costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0
) -> Iterator[tuple[str | bytes, cst.BaseExpression]]:
    """The constant texts that an expression may be: as `written_text`, and each element of a written container."""
    found = written_text(costs, node, scope, order, depth)
    if found is not None:
        yield found
        return
    bindings = reaching(costs.facts, node.value, scope, order) or () if isinstance(node, cst.Name) else ()
    for each in bindings[:_MOST]:
        if each.kind is BindingKind.LOOP and each.loop is not None and each.loop.iterable is not None:
            for element in _elements(costs, each.loop.iterable, each, depth + 1):
                yield from written_texts(costs, element, each.scope, each.loop.order, depth + 1)
        elif each.kind is BindingKind.ASSIGNMENT and each.value is not None and depth <= _DEEPEST:
            yield from written_texts(costs, each.value, each.scope, each.order, depth + 1)


def _elements(costs: Costs, node: cst.BaseExpression, target: Binding, depth: int) -> Iterator[cst.BaseExpression]:
    """The elements of a written container that a loop's variable takes: of pairs, those at its place."""
    if depth > _DEEPEST:
        return
    last = target.place[0][0] if target.place else None
    match node:
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
            for element in elements[:_MOST]:
                value = element.value
                if last is None:
                    yield value
                elif isinstance(value, cst.Tuple | cst.List) and last < len(value.elements):
                    yield value.elements[last].value
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="values" | "items" as view)), args=[]):
            display = _display(costs, inner, target)
            if isinstance(display, cst.Dict) and (view == "values" or last == 1):
                for entry in display.elements[:_MOST]:
                    yield entry.value
        case cst.Name():
            display = _display(costs, node, target)
            if display is not None and not isinstance(display, cst.Dict):
                yield from _elements(costs, display, target, depth + 1)
        case _:
            pass


def _display(costs: Costs, node: cst.BaseExpression, near: Binding) -> cst.BaseExpression | None:
    """The one value of a name, or of an attribute of the class around."""
    match node:
        case cst.Name(value=name):
            bindings = reaching(costs.facts, name, near.scope, near.order) or ()
        case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)):
            bindings = _attribute(costs, owner, name, near.scope)
        case _:
            return node
    return bindings[0].value if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT else None


def _attribute(costs: Costs, owner: str, name: str, scope: Scope) -> Sequence[Binding]:
    """What a class of the file gives an attribute in its body, where no method gives it anything else."""
    for each in costs.facts.scopes:
        if each.kind is not ScopeKind.CLASS or name not in each.bindings or name in each.attributes:
            continue
        if each.name == owner or (owner in {"self", "cls"} and _inside(scope, each)):
            return each.bindings[name]
    return ()


def _inside(scope: Scope | None, other: Scope) -> bool:
    while scope is not None and scope is not other:
        scope = scope.parent
    return scope is other


def written_text(
    costs: Costs, node: cst.BaseExpression, scope: Scope, order: int, depth: int = 0
) -> tuple[str | bytes, cst.BaseExpression] | None:
    """A constant text and the expression that writes it, through names bound once and `+`; None for others."""
    if depth > _DEEPEST:
        return None
    match node:
        case cst.SimpleString() | cst.ConcatenatedString():
            value = node.evaluated_value
            return None if value is None else (value, node)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return _joined(costs, [left, right], node, scope, order, depth + 1)
        case cst.FormattedString(parts=parts, start=start) if all(
            _plain(each, raw="r" in start.lower()) for each in parts
        ):
            pieces = [
                cst.SimpleString(repr(each.value)) if isinstance(each, cst.FormattedStringText) else each.expression
                for each in parts
                if isinstance(each, cst.FormattedStringText | cst.FormattedStringExpression)
            ]
            return _joined(costs, pieces, node, scope, order, depth + 1)
        case cst.Name():
            bindings = reaching(costs.facts, node.value, scope, order) or ()
            return _bound(costs, bindings, depth + 1)
        case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value=name)):
            return _bound(costs, _attribute(costs, owner, name, scope), depth + 1)
        case _:
            return None


def _bound(costs: Costs, bindings: Sequence[Binding], depth: int) -> tuple[str | bytes, cst.BaseExpression] | None:
    """The text of a name bound once, or the default of a parameter."""
    if len(bindings) != 1:
        return None
    each = bindings[0]
    value = each.node.default if isinstance(each.node, cst.Param) else each.value
    if value is None or each.kind not in {BindingKind.ASSIGNMENT, BindingKind.PARAMETER}:
        return None
    return written_text(costs, value, each.scope, each.order, depth)


def _plain(part: cst.BaseFormattedStringContent, *, raw: bool) -> bool:
    """A piece of an f-string whose text is what it says: no doubled braces, no conversion, no format."""
    if isinstance(part, cst.FormattedStringText):
        return "{{" not in part.value and "}}" not in part.value and (raw or "\\" not in part.value)
    return isinstance(part, cst.FormattedStringExpression) and part.conversion is None and part.format_spec is None


def _joined(
    costs: Costs, pieces: list[cst.BaseExpression], whole: cst.BaseExpression, scope: Scope, order: int, depth: int
) -> tuple[str | bytes, cst.BaseExpression] | None:
    texts: list[str] = []
    binary: list[bytes] = []
    for each in pieces:
        match written_text(costs, each, scope, order, depth):
            case (str() as text, _):
                texts.append(text)
            case (bytes() as data, _):
                binary.append(data)
            case _:
                return None
    if texts and binary:
        return None
    return (b"".join(binary), whole) if binary else ("".join(texts), whole)
