"""Texts that are pasted together: `+`, `%`, `format`, `join`, f-strings and paths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import Formatter

import libcst as cst

from verifier.values import pure
from verifier.values.marks import SCALAR
from verifier.values.model import COMPUTED, UNKNOWN, Contents, Piece, Value, constant, marked, pasted, pieces, tainted
from verifier.values.run import Run
from verifier.values.state import State

_DIRECTIVE = re.compile(r"%(?:\((?P<name>[^)]*)\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[hlL]?(?P<kind>[a-zA-Z%])")
_NUMERIC = frozenset("diouxXeEfFgGc")


def operation(state: State, kind: type[cst.CSTNode], left: Value, right: Value) -> Value:
    """The result of a binary operator, or of its form with `=`."""
    found = pure.binary(kind, left, right)
    if found is not None:
        return found
    if kind in {cst.Add, cst.AddAssign}:
        one, other = state.contents(left), state.contents(right)
        if one is not None and one.kind == "list":
            return _joined_lists(state, left, one, right)
        if other is None:
            return pasted((*pieces(left), *pieces(right)))
    if kind in {cst.Modulo, cst.ModuloAssign} and _is_text(left):
        return percent(state, left, right)
    if kind in {cst.Divide, cst.DivideAssign} and not _is_number(left) and not _is_number(right):
        return pasted((*pieces(left), "/", *pieces(right)))
    return tainted(state.depends(left) | state.depends(right))


def _is_text(value: Value) -> bool:
    return value.text is not None or bool(value.constants and all(isinstance(each, str) for each in value.constants))


def _is_number(value: Value) -> bool:
    return bool(value.constants and all(isinstance(each, int | float) for each in value.constants))


def _joined_lists(state: State, left: Value, one: Contents, right: Value) -> Value:
    other = state.contents(right)
    if one.exact and other is not None and other.exact and other.kind == "list":
        members = [*(one.items[key] for key in sorted(one.items)), *(other.items[key] for key in sorted(other.items))]
        return state.new(Contents("list", dict(enumerate(members))))
    return state.new(Contents("list", {}, state.either(state.any_member(left), state.any_member(right)), exact=False))


def percent(state: State, template: Value, values: Value) -> Value:
    """`template % values`."""
    words = pieces(template)
    if len(words) != 1 or not isinstance(words[0], str):
        return _mixed(state, template, values)
    held = state.contents(values)
    given: list[Value] = [values]
    if held is not None and held.kind == "list" and held.exact:
        given = [held.items[key] for key in sorted(held.items)]
    elif values.constants is not None and len(values.constants) == 1 and isinstance(values.constants[0], tuple):
        given = [constant(each) for each in values.constants[0]]
    text, end = words[0], 0
    parts: list[Piece] = []
    for number, found in enumerate(each for each in _DIRECTIVE.finditer(text)):
        parts.append(text[end : found.start()])
        end = found.end()
        if found["kind"] == "%":
            parts.append("%")
        elif found["name"] is not None:
            parts += _hole(state, state.member(values, found["name"]))
        else:
            first = given[0] if given else UNKNOWN
            value = given[number] if number < len(given) and held is not None else first
            parts += _number(state, value) if found["kind"] in _NUMERIC else _hole(state, value)
    return pasted([*parts, text[end:]])


def formatted_by(state: State, template: Value, args: Sequence[Value], words: Mapping[str, Value]) -> Value:
    """`template.format(*args, **words)`."""
    found = pieces(template)
    if len(found) != 1 or not isinstance(found[0], str):
        return _mixed(state, template, *args, *words.values())
    parts: list[Piece] = []
    number = 0
    try:
        fields = list(Formatter().parse(found[0]))
    except ValueError:
        return _mixed(state, template, *args, *words.values())
    for literal, name, spec, _ in fields:
        parts.append(literal)
        if name is None:
            continue
        if spec and spec[-1] in _NUMERIC | {"%", "n"}:
            given = args[number] if not name and number < len(args) else words.get(name, UNKNOWN)
            number += not name
            parts += _number(state, given)
            continue
        key = re.split(r"[.\[]", name)[0]
        if key.isdigit() or not key:
            place = int(key) if key else number
            number += 1
            value = args[place] if place < len(args) else UNKNOWN
        else:
            value = words.get(key, UNKNOWN)
        parts += _hole(state, value)
    return pasted(parts)


def formatted(run: Run, state: State, node: cst.FormattedString) -> Value:
    """The value of an f-string."""
    parts: list[Piece] = []
    for each in node.parts:
        if not isinstance(each, cst.FormattedStringExpression):
            words = each.value if isinstance(each, cst.FormattedStringText) else ""
            parts.append(words.replace("{{", "{").replace("}}", "}"))
            continue
        value = run.evaluate(run, state, each.expression)
        last = each.format_spec[-1] if each.format_spec else None
        numeric = isinstance(last, cst.FormattedStringText) and last.value[-1:] in _NUMERIC | {"%", "n"}
        formatted_constant = each.format_spec is not None and value.constants is not None
        parts += _number(state, value) if numeric or formatted_constant else _hole(state, value)
    return pasted(parts)


def joined(state: State, separator: Value, values: Value) -> Value:
    """`separator.join(values)`."""
    held = state.contents(values)
    if separator.constants and isinstance(separator.constants[0], bytes):
        return tainted(state.depends(values)) if state.depends(values) else COMPUTED
    if held is None or not held.exact or held.kind != "list":
        member = state.any_member(values)
        taints = state.depends(separator) | state.depends(values)
        if member.constants is not None and separator.constants is not None and not taints:
            return COMPUTED
        return pasted((taints, *pieces(separator), taints)) if taints else UNKNOWN
    parts: list[Piece] = []
    for number in sorted(held.items):
        parts += [*(pieces(separator) if parts else ()), *_hole(state, held.items[number])]
    return pasted(parts)


def _hole(state: State, value: Value) -> list[Piece]:
    if state.contents(value) is not None:
        return [state.depends(value)]
    return list(pieces(value))


def _number(state: State, value: Value) -> list[Piece]:
    """What is left of a value that is written as a number."""
    return [marked(tainted(state.depends(value)), SCALAR).taints]


def _mixed(state: State, *values: Value) -> Value:
    taints = frozenset(taint for each in values for taint in state.depends(each))
    return replace(tainted(taints), taints=frozenset(replace(each, part=True) for each in taints))


def same_shape(value: Value) -> Value:
    """What is left of a text whose letters changed, as by `strip` or `lower`: its dependencies and its pieces."""
    return replace(value, constants=None, box=None, reference=None)
