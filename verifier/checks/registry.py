"""What a check is: a function that gets one parsed file, or the whole run, and yields findings and problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from verifier.model import Finding, Problem, Project, Related, Rule, Source, Span
from verifier.semantics.infer import Inference
from verifier.semantics.model import Facts
from verifier.semantics.positions import Positions
from verifier.symbols.file import File, open_file
from verifier.symbols.modules import world_of

Rules = Mapping[str, Rule]
"""The selected rules by name."""


@dataclass(slots=True, eq=False)
class Parsed:
    """One file as a per-file check sees it."""

    source: Source
    data: bytes
    text: str
    facts: Facts
    positions: Positions
    inference: Inference
    project: Project
    resolved: File | None = None
    """See `symbols`."""


def symbols(parsed: Parsed) -> File:
    """What the file's expressions stand for, worked out once for all checks."""
    if parsed.resolved is None:
        parsed.resolved = open_file(parsed.facts, world_of(parsed.project, parsed.source.file, parsed.text))
    return parsed.resolved


PerFile = Callable[[Parsed, Rules], Iterator[Finding | Problem]]

per_file_checks: dict[str, PerFile] = {}


def per_file(name: str) -> Callable[[PerFile], PerFile]:
    """Register a function as the check that rules call by this name."""

    def register(function: PerFile) -> PerFile:
        per_file_checks[name] = function
        return function

    return register


def finding(
    rule: Rule,
    parsed: Parsed,
    where: cst.CSTNode | Span,
    *,
    symbol: str | None = None,
    related: tuple[Related, ...] = (),
    evidence: Mapping[str, object] | None = None,
    **fields: object,
) -> Finding:
    """A finding of a rule at a node or span; `fields` fill the rule's message."""
    span = where if isinstance(where, Span) else parsed.positions.span(where)
    return Finding(
        code=rule.code,
        path=parsed.source.path,
        span=span,
        message=rule.message.format(**fields),
        severity=rule.severity,
        symbol=symbol,
        related=related,
        evidence=evidence,
    )


def code_of(parsed: Parsed, node: cst.CSTNode) -> str:
    """The text of a node on one line, shortened, for a message."""
    text = " ".join(parsed.facts.tree.code_for_node(node).split())
    return text if len(text) <= 60 else text[:57] + "…"
