"""What a call, or a `functools.partial`, gives to a parameter of a row: by keyword or place, and its value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.checks.registry import Parsed, symbols
from verifier.checks.untyped import Place
from verifier.deprecations import Api
from verifier.semantics.guards import dotted
from verifier.semantics.model import BindingKind, Call
from verifier.semantics.names import qualify, reaching
from verifier.symbols.expressions import evaluate
from verifier.symbols.file import FileFrame
from verifier.symbols.frames import Arguments
from verifier.symbols.signatures import is_overload
from verifier.symbols.targets import targets_of
from verifier.symbols.values import without_none

_COUNT = re.compile(r"[-+]?\d+(?:\.\d+)?")
_PARTIAL = "functools.partial"
_GIVING = frozenset({BindingKind.ASSIGNMENT, BindingKind.PARAMETER})
"""Bindings whose value, for a parameter its default, is what a name may stand for."""


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """A function with the arguments that a call, or a `functools.partial` of it, gives it."""

    function: cst.BaseExpression
    node: cst.Call
    """Only with the function's own arguments."""
    place: Place
    partial: bool = False


def applications(parsed: Parsed, call: Call) -> Iterator[Application]:
    """What a call applies to arguments: its own function, and the one that it hands to `functools.partial`."""
    place = Place(call.scope, call.order, call.branch)
    yield Application(call.node.func, call.node, place)
    arguments = call.node.args
    if not arguments or arguments[0].keyword is not None or arguments[0].star:
        return
    if qualify(parsed.facts, call.node.func, call.scope, call.order) == (_PARTIAL,):
        inner = call.node.with_changes(func=arguments[0].value, args=arguments[1:])
        yield Application(arguments[0].value, inner, place, partial=True)


def given(parsed: Parsed, application: Application, parameter: str) -> cst.Arg | None:
    """The argument that a parameter gets, by keyword, or by place where the function's signature is known."""
    for each in application.node.args:
        if each.keyword is not None and each.keyword.value == parameter:
            return each
    positional = [each for each in application.node.args if each.keyword is None]
    return _by_place(parsed, application, parameter) if positional and not positional[0].star else None


def _by_place(parsed: Parsed, application: Application, parameter: str) -> cst.Arg | None:
    place = application.place
    frame = FileFrame(symbols(parsed), place.scope, place.order, place.branch)
    found: list[cst.BaseExpression | None] = []
    for value in without_none(evaluate(application.function, frame)):
        targets = targets_of(frame.world, value) or []
        plain = [each for each in targets if not is_overload(each.function) and not each.stub] or targets
        arguments = Arguments(application.node, frame)
        found += [arguments.given(each.function, bound=each.bound).get(parameter) for each in plain]
    if not found or any(each is not found[0] for each in found):
        return None
    return next((each for each in application.node.args if each.value is found[0]), None)


def gives_more(application: Application) -> bool:
    """Whether `*` or `**` bring arguments that nobody sees."""
    return any(each.star for each in application.node.args)


def fits(parsed: Parsed, api: Api, argument: cst.Arg, place: Place) -> bool:
    """Whether an argument has the value that a row is about; any has where the row names none."""
    if api.value is None:
        return True
    return any(_is(api, text) for text, textual in _texts(parsed, argument.value, place) if textual == api.textual)


def _is(api: Api, text: str) -> bool:
    if text == api.value:
        return True
    return api.multiple and _COUNT.sub("", text, count=1) == api.value and text.endswith(api.value or "")


def _texts(parsed: Parsed, node: cst.BaseExpression, place: Place) -> Iterator[tuple[str, bool]]:
    """The value of a literal, or of each text in a display, also through a name; and whether it is a text."""
    match node:
        case cst.SimpleString():
            text = node.evaluated_value
            yield (text if isinstance(text, str) else "", True)
        case cst.Integer() | cst.Float():
            yield node.value, False
        case cst.List() | cst.Tuple() | cst.Set():
            for each in node.elements:
                if isinstance(each.value, cst.SimpleString):
                    yield from _texts(parsed, each.value, place)
        case cst.Name() | cst.Attribute():
            bound = reaching(parsed.facts, node.value, place.scope, place.order) if isinstance(node, cst.Name) else None
            if not bound:
                yield dotted(node) or "", False
                yield from ((path, False) for path in qualify(parsed.facts, node, place.scope, place.order))
            elif len(bound) == 1 and bound[0].kind in _GIVING and not bound[0].place:
                value = bound[0].value
                if value is not None and not isinstance(value, cst.Name | cst.Attribute):
                    yield from _texts(parsed, value, place)
