"""Which of Bandit's findings the data flow refutes: what it calls dangerous is given constants, or checked values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.model import Finding
from verifier.source import lines
from verifier.values import whole
from verifier.values.index import Index
from verifier.values.marks import CHECKED, SCALAR
from verifier.values.model import Taint, Value
from verifier.values.run import Step

_FIRST_ARGUMENT = frozenset(
    [
        "B102",
        "B301",
        "B302",
        "B307",
        "B310",
        "B313",
        "B314",
        "B315",
        "B316",
        "B317",
        "B318",
        "B319",
        "B506",
        "B602",
        "B604",
        "B605",
        "B610",
        "B611",
        "B703",
        "B704",
    ]
)
"""Tests about a call that is harmless as long as the program itself chose what it is given."""
_XML = frozenset({"B313", "B314", "B315", "B316", "B317", "B318", "B319"})
_TEXT = frozenset({"B608"})
"""Tests about a text that is harmless as long as it is pasted from constants."""
_WORDS = frozenset({"source", "args", "cmd", "command", "url", "text", "string", "data", "file", "stream", "object"})
"""Keywords by which the first argument is also given."""


def vetted(parsed: Parsed, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without those whose value can only be a constant of the program, or was checked before."""
    found = list(findings)
    asked = [each for each in found if each.code in _FIRST_ARGUMENT | _TEXT]
    refuted = _refuted(parsed, asked) if asked else frozenset()
    yield from (each for each in found if id(each) not in refuted)


def _refuted(parsed: Parsed, asked: Iterable[Finding]) -> frozenset[int]:
    index = Index(parsed.facts.tree, parsed.positions, lines(parsed.text))
    by_node: dict[int, list[Finding]] = {}
    nodes: list[cst.CSTNode] = []
    for each in asked:
        node = _text_at(index, each) if each.code in _TEXT else _argument_at(index, each)
        if node is not None:
            nodes.append(node)
            by_node.setdefault(id(node), []).append(each)
    seen: dict[int, bool] = {}

    def reached(node: cst.CSTNode, value: Value, depends: frozenset[Taint], _: tuple[Step, ...]) -> None:
        seen[id(node)] = seen.get(id(node), True) and _harmless(value, depends)

    complete = whole.follow(parsed.facts.tree, reached, watched=nodes, sources={}, cleaned={}, unknown="unknown")
    refuted = [number for number in by_node if seen.get(number, complete)]
    return frozenset(id(each) for number in refuted for each in by_node[number])


def _harmless(value: Value, depends: frozenset[Taint]) -> bool:
    return value.constants is not None or all(not each.marks.isdisjoint({CHECKED, SCALAR}) for each in depends)


def _reads_a_file(call: cst.Call) -> bool:
    """Whether a call parses the file of a name: the program chose the name, and not what is in the file."""
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
    return name in {"parse", "iterparse"}


def _argument_at(index: Index, finding: Finding) -> cst.CSTNode | None:
    """The first argument of the call that a finding is about."""
    found = [each for each in index.at(finding.span) if isinstance(each, cst.Call)]
    if not found:
        around = [each for each in index.around(finding.span) if isinstance(each, cst.Call)]
        found = sorted(around, key=lambda each: index.spans[id(each)])[-1:]
    for call in found:
        if finding.code in _XML and _reads_a_file(call):
            continue
        for each in call.args:
            if each.star == "" and (each.keyword is None or each.keyword.value in _WORDS):
                return each.value
    return None


def _text_at(index: Index, finding: Finding) -> cst.CSTNode | None:
    """The largest pasted text around a piece of it."""
    pasted = [
        each
        for each in index.around(finding.span)
        if isinstance(each, cst.BinaryOperation | cst.FormattedString | cst.ConcatenatedString) or _formats(each)
    ]
    return min(pasted, key=lambda each: index.spans[id(each)], default=None)


def _formats(node: cst.CSTNode) -> bool:
    """Whether a node is `"...".format(...)` or the like."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    return node.func.attr.value in {"format", "join", "replace"}
