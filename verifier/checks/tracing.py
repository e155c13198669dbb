"""Findings of taint rules: Semgrep said where sources, sanitizers and sinks are, this follows values between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from verifier.checks.places import Flow, Place, Suspect, shortened
from verifier.model import Finding, Problem, ProblemKind, Related, Rule, Span
from verifier.semantics.positions import Positions
from verifier.source import Unreadable, lines, parse
from verifier.stack import deep
from verifier.values import whole
from verifier.values.index import Index
from verifier.values.model import Taint, Value, pieces
from verifier.values.run import Step

UNKNOWN_TEXT = "…"
"""Stands for what is not known in the text that `harmless_after` is matched with."""


@dataclass(frozen=True, slots=True)
class _Met:
    """A sink that a value reached."""

    taint: Taint
    steps: tuple[Step, ...]


def follow(suspects: Sequence[Suspect], flows: Mapping[str, Flow]) -> Iterator[Finding | Problem]:
    """The findings of taint rules in files, one file after the other."""
    for each in suspects:
        yield from traced(each, flows)


def traced(suspect: Suspect, flows: Mapping[str, Flow]) -> Sequence[Finding | Problem]:
    """The findings of taint rules in one file, or the problem that kept it from being followed."""
    try:
        return deep(lambda: list(trace(suspect.path, suspect.text, suspect.places, flows)), suspect.path)
    except (Unreadable, cst.ParserSyntaxError, RecursionError) as error:
        why = error.problem.text if isinstance(error, Unreadable) else "it cannot be parsed"
        why = "it is nested too deeply" if isinstance(error, RecursionError) else why
        return [Problem(suspect.path, ProblemKind.ENGINE, f"values cannot be followed through this file: {why}")]


def trace(path: str, text: str, places: Sequence[Place], flows: Mapping[str, Flow]) -> Iterator[Finding | Problem]:
    """The findings of taint rules in one file, and a problem where it was too much to follow every call.

    Raises what `source.parse` raises, and RecursionError where the code is nested deeper than the stack.
    """
    tree = parse(text, path)
    rows = lines(text)
    index = Index(tree, Positions(tree, text), rows)
    sources: dict[int, list[str]] = defaultdict(list)
    cleaned: dict[int, list[str]] = defaultdict(list)
    sinks: dict[int, list[Place]] = defaultdict(list)
    entering: dict[tuple[str, int], Place] = {}
    nodes: list[cst.CSTNode] = []
    for place in places:
        found = index.at(place.span)
        nodes += found
        for node in found:
            match place.role:
                case "source":
                    sources[id(node)].append(place.name)
                    entering.setdefault((place.name, id(node)), place)
                case "clean":
                    cleaned[id(node)].append(place.name)
                case _:
                    sinks[id(node)].append(place)
    if not sources or not sinks:
        return
    met: dict[tuple[str, int], _Met] = {}
    inside: set[tuple[str, int]] = set()

    def reached(node: cst.CSTNode, value: Value, depends: frozenset[Taint], steps: tuple[Step, ...]) -> None:
        for sink in sinks[id(node)]:
            flow = flows[sink.name]
            harmful = [each for each in depends if _harmful(each, flow)]
            if not harmful or _behind_harmless(flow.rule, value, harmful):
                continue
            first = min(harmful, key=lambda each: (index.spans[each.origin.node], each.origin.kind))
            inside.update((sink.name, id(step.node)) for step in steps)
            before = met.get((sink.name, id(node)))
            if before is None or len(steps) < len(before.steps):
                met[sink.name, id(node)] = _Met(first, steps)

    watched = [node for node in nodes if id(node) in sinks]
    complete = whole.follow(
        tree,
        reached,
        watched=watched,
        sources={key: tuple(kinds) for key, kinds in sources.items()},
        cleaned={key: tuple(marks) for key, marks in cleaned.items()},
    )
    if not complete:
        words = "values were followed through a part of the calls only: the file is too large for more"
        yield Problem(path, ProblemKind.LIMIT, words)
    by_id = {id(node): node for node in nodes}
    lines_said: set[tuple[str, int]] = set()
    for (code, number), each in met.items():
        if (code, number) in inside:
            continue  # what a call gives was a finding in the function already
        place = next(sink for sink in sinks[number] if sink.name == code)
        if (code, place.span.line) in lines_said:
            continue
        lines_said.add((code, place.span.line))
        source = entering[each.taint.origin.kind, each.taint.origin.node]
        code_there = tree.code_for_node(by_id[each.taint.origin.node])
        yield _finding(path, flows[code].rule, place, source, code_there, _calls(index, each.steps), rows)


def _harmful(taint: Taint, flow: Flow) -> bool:
    if taint.origin.kind not in flow.kinds or not flow.marks.isdisjoint(taint.marks):
        return False
    return taint.part or not flow.rule.taint.only_as_part


def _behind_harmless(rule: Rule, value: Value, harmful: Iterable[Taint]) -> bool:
    """Whether the literal text in front of the first harmful hole makes it harmless."""
    pattern = rule.taint.harmless_after
    if pattern is None:
        return False
    before = ""
    wanted = frozenset(each.origin for each in harmful)
    for piece in pieces(value):
        if isinstance(piece, str):
            before += piece
        elif wanted.isdisjoint(taint.origin for taint in piece):
            before += UNKNOWN_TEXT
        else:
            return pattern.search(before) is not None
    return False


def _calls(index: Index, steps: Sequence[Step]) -> list[tuple[Span, str]]:
    return [(index.spans[id(each.node)], each.name) for each in steps if id(each.node) in index.spans]


def _finding(
    path: str,
    rule: Rule,
    sink: Place,
    source: Place,
    source_code: str,
    calls: Sequence[tuple[Span, str]],
    rows: Sequence[str],
) -> Finding:
    entry = shortened(source_code, 80)
    words = {key: f"`{shortened(word, 80)}`" for key, word in {**sink.words, **source.words}.items()}
    words.setdefault("source", f"`{entry}`")
    related = [Related(path, source.span, f"`{entry}` comes from outside")] if source.span != sink.span else []
    related += [Related(path, span, f"and goes into `{name}` here") for span, name in calls]
    return Finding(
        code=rule.code,
        path=path,
        span=sink.span,
        message=rule.message.format(**words),
        severity=rule.severity,
        related=tuple(related),
        evidence={
            "matched": shortened(rows[sink.span.line - 1], 160),
            "source": {"line": source.span.line, "code": entry},
            "through": [name for _, name in calls],
        },
    )
