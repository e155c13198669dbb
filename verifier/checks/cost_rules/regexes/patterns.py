"""Regular expressions that take exponential time on some texts, or the square or cube of their length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.regexes.scanning import argument, slow_use
from verifier.checks.cost_rules.reporting import CostRules
from verifier.checks.registry import Parsed, finding
from verifier.costs.model import Costs
from verifier.costs.regexes.attack import Attack, exponential
from verifier.costs.texts import written_texts
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.model import Call
from verifier.semantics.names import qualify

_FLAGS_AT = {
    "compile": 1,
    "match": 2,
    "fullmatch": 2,
    "search": 2,
    "findall": 2,
    "finditer": 2,
    "split": 3,
    "sub": 4,
    "subn": 4,
}
"""Where the functions of `re` take their flags (the re module's documentation)."""
_CALLS = {
    **{name: (place, {(f"re.{name}",)}) for name, place in _FLAGS_AT.items()},
    "RegexValidator": (4, {("django.core.validators.RegexValidator",)}),
    "Regexp": (1, {("wtforms.validators.Regexp",), ("marshmallow.validate.Regexp",)}),
}
"""Calls that take a pattern: where they take the flags, and their paths."""
_FLAGS = {
    **{name: int(getattr(re, name)) for name in ("A", "I", "L", "M", "S", "X", "U")},
    "ASCII": int(re.ASCII),
    "IGNORECASE": int(re.IGNORECASE),
    "LOCALE": int(re.LOCALE),
    "MULTILINE": int(re.MULTILINE),
    "DOTALL": int(re.DOTALL),
    "VERBOSE": int(re.VERBOSE),
    "UNICODE": int(re.UNICODE),
}


def slow_patterns(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each constant pattern for which some text takes forever, or far longer than its length."""
    seen: set[int] = set()
    for name, (place, paths) in _CALLS.items():
        for call in costs.calls.get(name, ()):
            if not call.node.args or qualify(parsed.facts, call.node.func, call.scope, call.order) not in paths:
                continue
            given = argument(call.node, 0, "regex" if name not in _FLAGS_AT else "pattern")
            flags = _flags(argument(call.node, place, "flags"))
            if given is None or flags is None:
                continue
            for pattern, where in written_texts(costs, given, call.scope, call.order):
                if id(where) in seen:
                    continue
                seen.add(id(where))
                attack = exponential(pattern, flags, whole=name == "fullmatch")
                if attack is None and name == "compile" and _always_whole(parsed, costs, call):
                    attack = exponential(pattern, flags, whole=True)
                if attack is not None:
                    yield _made(parsed, rule, call, where, pattern, attack)
                elif (found := slow_use(parsed, costs, call, name, pattern, flags)) is not None:
                    made = _made(parsed, rule, call, where, pattern, found.attack, found.growth)
                    yield made if found.sure else replace(made, severity=Severity.INFO)


def _flags(node: cst.BaseExpression | None) -> int | None:
    """The number of `re.I | re.X`; None where that is not written."""
    match node:
        case None:
            return 0
        case cst.Integer(value="0"):
            return 0
        case cst.Attribute(value=cst.Name(), attr=cst.Name(value=name)) | cst.Name(value=name):
            return _FLAGS.get(name)
        case cst.BinaryOperation(left=left, operator=cst.BitOr() | cst.Add(), right=right):
            sides = _flags(left), _flags(right)
            return None if sides[0] is None or sides[1] is None else sides[0] | sides[1]
        case _:
            return None


def _always_whole(parsed: Parsed, costs: Costs, call: Call) -> bool:
    """Whether a compiled pattern is only ever asked for a match of the whole text."""
    used = {name: set(_receivers(costs, name)) for name in _FLAGS_AT if name != "compile"}
    wholes = used.pop("fullmatch")
    if not wholes:
        return False
    for scope in parsed.facts.scopes:
        for table in (scope.bindings, scope.attributes):
            for name in wholes & table.keys():
                if any(each.value is call.node for each in table[name]):
                    return not any(name in others for others in used.values())
    return False


def _receivers(costs: Costs, name: str) -> Iterator[str]:
    for call in costs.calls.get(name, ()):
        match call.node.func:
            case cst.Attribute(value=cst.Name(value=owner) | cst.Attribute(attr=cst.Name(value=owner))):
                yield owner
            case _:
                pass


def _made(
    parsed: Parsed,
    rule: Rule,
    call: Call,
    where: cst.BaseExpression,
    pattern: str | bytes,
    attack: Attack,
    growth: str = "exponential",
) -> Finding:
    shown = repr(pattern)
    code = attack.code(binary=isinstance(pattern, bytes))
    made = finding(
        rule,
        parsed,
        where,
        related=(Related(parsed.source.path, parsed.positions.span(call.node), "the pattern is used here"),),
        evidence={
            "pattern": pattern if isinstance(pattern, str) else shown,
            "attack": code,
            "steps": attack.steps,
            "growth": growth,
        },
        pattern=shown if len(shown) <= 60 else shown[:57] + "…",
        attack=code,
        growth=growth,
    )
    return replace(made, severity=Severity.INFO) if in_tests(parsed) else made


RULES: CostRules = {"slow-regex": slow_patterns}
