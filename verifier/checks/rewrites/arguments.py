"""Rewrites of one argument: its keyword, its value, or the whole of it away."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import (
    Unfixable,
    has_effect,
    item_removal,
    line,
    put,
    range_of,
    whole_range,
)
from verifier.checks.rewrites.templates import Given, expression
from verifier.model import Edit

_KEYWORD = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*=(?!=)\s*(?P<value>.*)", re.DOTALL)
_LITERAL = re.compile(r"""(?P<quote>['"])(?P<text>[^'"\\\n]*)(?P=quote)""")

Edits = list[Edit]


def rewrite(parsed: Parsed, use: Matched, text: str) -> tuple[str, Edits]:
    """The title and edits of a rewrite that is no template of the whole call; raises Unfixable."""
    call = use.call or _call(parsed, use.argument)
    assert use.argument is not None  # noqa: S101  # the caller asks only for arguments
    if text == "-":
        return _dropped(parsed, call, use.argument, use.api.parameter or "")
    match = _KEYWORD.fullmatch(text)
    if match is None:
        return _revalued(parsed, use, use.argument, text)
    if match["value"]:
        return _replaced(parsed, use, call, use.argument, match["name"], match["value"])
    return _renamed(parsed, call, use.argument, match["name"])


def is_keyword(text: str) -> bool:
    """Whether a rewrite has the form `name=` or `name=EXPRESSION`."""
    return _KEYWORD.fullmatch(text) is not None


def _renamed(parsed: Parsed, call: cst.Call, argument: cst.Arg, name: str) -> tuple[str, Edits]:
    if argument.keyword is None:
        raise Unfixable("an argument without a keyword has no name to change")
    _must_be_free(call, argument, name)
    return f"Rename `{argument.keyword.value}` to `{name}`", [put(parsed, *range_of(parsed, argument.keyword), name)]


def _replaced(
    parsed: Parsed, use: Matched, call: cst.Call, argument: cst.Arg, name: str, text: str
) -> tuple[str, Edits]:
    _must_be_free(call, argument, name)
    if argument.keyword is None and _later(call, argument):
        raise Unfixable("arguments by place follow")
    if "{value}" not in text and has_effect(argument.value):
        raise Unfixable("what the value does would be lost")
    new, edits = expression(parsed, use, text, Given(value=argument.value))
    keyword = range_of(parsed, argument)[0], whole_range(parsed, argument.value)[0]
    between = parsed.text[slice(*keyword)] if argument.keyword is not None else f"{name}="
    if argument.keyword is not None:
        between = name + between[len(argument.keyword.value) :]
    start, end = range_of(parsed, argument)
    return f"Use `{name}={line(new)}`", [put(parsed, start, end, between + new), *edits]


def _revalued(parsed: Parsed, use: Matched, argument: cst.Arg, text: str) -> tuple[str, Edits]:
    edits: Edits = []
    new = ""
    for node in _values(use, argument.value):
        new, more = expression(parsed, use, text, Given(value=node))
        new = _written_alike(new, node, use)
        start, end = whole_range(parsed, node)
        edits += [put(parsed, start, end, new), *more]
    if not edits:
        raise Unfixable("the value is bound elsewhere")
    return f"Use `{line(new)}` in place of `{use.api.value}`", edits


def _values(use: Matched, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The nodes that write the row's value: the argument itself, or those in a list."""
    if isinstance(node, cst.List | cst.Tuple | cst.Set):
        for each in node.elements:
            yield from _values(use, each.value)
        return
    wanted = use.api.value or ""
    match node:
        case cst.SimpleString():
            value = node.evaluated_value
            text = value if isinstance(value, str) else ""
            found = text == wanted or (use.api.multiple and text.removesuffix(wanted).isdecimal())
        case cst.Name() | cst.Integer() | cst.Float():
            found = node.value == wanted
        case cst.Attribute():
            found = node.attr.value == wanted.rpartition(".")[2]
        case _:
            found = False
    if found:
        yield node


def _dropped(parsed: Parsed, call: cst.Call, argument: cst.Arg, name: str) -> tuple[str, Edits]:
    if has_effect(argument.value):
        raise Unfixable("what the value does would be lost")
    if argument.keyword is None and _later(call, argument):
        raise Unfixable("arguments by place follow")
    return f"Remove `{name}`", [item_removal(parsed, call.args, index_of(call, argument))]


def _call(parsed: Parsed, argument: cst.Arg | None) -> cst.Call:
    """The call that an argument stands in: that of `functools.partial` for an argument of its function."""
    for each in parsed.facts.calls:
        if any(one is argument for one in each.node.args):
            return each.node
    raise Unfixable("the argument stands in no call")


def index_of(call: cst.Call, argument: cst.Arg) -> int:
    """The place of an argument among those of its call; raises Unfixable where it is none of them."""
    for index, each in enumerate(call.args):
        if each is argument:
            return index
    raise Unfixable("the argument is not one of the call")


def _must_be_free(call: cst.Call, argument: cst.Arg, name: str) -> None:
    """Raise Unfixable if the call may give a keyword already."""
    for each in call.args:
        if each is not argument and (each.star == "**" or (each.keyword is not None and each.keyword.value == name)):
            raise Unfixable(f"{name} may be given already")


def _later(call: cst.Call, argument: cst.Arg) -> bool:
    """Whether arguments by place follow, which would move up."""
    return any(each.keyword is None and each.star != "**" for each in call.args[index_of(call, argument) + 1 :])


def _written_alike(new: str, old: cst.BaseExpression, use: Matched) -> str:
    """A string with the quotes of the one whose place it takes, and with the number before it."""
    match = _LITERAL.fullmatch(new)
    if not isinstance(old, cst.SimpleString):
        return new
    value = str(old.evaluated_value)
    count = value.removesuffix(use.api.value or "")
    if match is None and (count or old.quote not in {"'", '"'}):
        raise Unfixable("the string holds more than the value")
    if match is None or old.quote not in {"'", '"'}:
        return new
    return f"{old.quote}{count}{match['text']}{old.quote}"
