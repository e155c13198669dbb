"""What texts a pattern is used on: whether a polynomial pattern can be slow there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.costs.model import Costs
from verifier.costs.origins import outside
from verifier.costs.regexes.attack import Attack
from verifier.costs.regexes.polynomial import cubic, strips
from verifier.costs.written import written
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call

_SCANNING = frozenset({"search", "findall", "finditer", "split", "sub", "subn"})
_TEXT_AT = {**dict.fromkeys(_SCANNING | {"match", "fullmatch"}, 1), "sub": 2, "subn": 2}
"""Where the functions of `re` take the text; the methods of a pattern take it one place before."""


@dataclass(frozen=True, slots=True)
class SlowUse:
    """A pattern that is slow on long texts, how slow, and whether such texts are surely met."""

    attack: Attack
    growth: str
    sure: bool


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that a pattern is used on, by a function or method of that name."""

    node: cst.BaseExpression
    call: Call
    method: str


def slow_use(parsed: Parsed, costs: Costs, call: Call, name: str, pattern: str | bytes, flags: int) -> SlowUse | None:
    """What a pattern costs on the texts for which the file uses it; None where it is fast or used on none."""
    texts = list(_texts(parsed, costs, call, name))
    texts = [each for each in texts if not written(costs, each.node, each.call.scope, each.call.order)]
    scanned = [each for each in texts if each.method in _SCANNING]
    if scanned and strips(pattern, flags):
        return SlowUse(Attack("", " ", "x", (), times=50_000), "quadratic", sure=True)
    if not texts:
        return None
    whole = all(each.method == "fullmatch" for each in texts)
    attack = cubic(pattern, flags, whole=whole, scanning=bool(scanned))
    if attack is None:
        return None
    return SlowUse(
        attack, "cubic", any(outside(costs, each.node, each.call.scope, each.call.order) for each in scanned or texts)
    )


def _texts(parsed: Parsed, costs: Costs, call: Call, name: str) -> Iterator[_Text]:
    """The texts of a call of `re.sub` and the like, or of the methods of the pattern that `re.compile` gives."""
    if name in _TEXT_AT:
        text = argument(call.node, _TEXT_AT[name], "string")
        if text is not None:
            yield _Text(text, call, name)
        return
    owners = {
        each.name
        for scope in parsed.facts.scopes
        for table in (scope.bindings, scope.attributes)
        for bindings in table.values()
        for each in bindings
        if each.value is call.node
    }
    for method, place in _TEXT_AT.items():
        for used in costs.calls.get(method, ()) if owners else ():
            owner = dotted(used.node.func.value) if isinstance(used.node.func, cst.Attribute) else None
            text = argument(used.node, place - 1, "string")
            if owner is not None and owner.rpartition(".")[2] in owners and text is not None:
                yield _Text(text, used, method)


def argument(node: cst.Call, place: int, keyword: str) -> cst.BaseExpression | None:
    """The argument at a place or with a name; a starred one in front of it stands for any."""
    for index, arg in enumerate(node.args):
        if arg.star or (arg.keyword is None and index == place) or (arg.keyword and arg.keyword.value == keyword):
            return arg.value
    return None
