"""What Semgrep found of taint rules, before values are followed between the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.model import Rule, Span


@dataclass(frozen=True, slots=True)
class Place:
    """A match of Semgrep's that is no finding yet: of a source, a sanitizer or a sink."""

    role: str
    """source, clean or sink."""
    name: str
    """The rule's code, or the shared list."""
    span: Span
    words: Mapping[str, str] = field(default_factory=dict)
    """What the metavariables matched, by the field of the message that they fill."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A file in which Semgrep found a source and a sink, with its text and all places."""

    path: str
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What one taint rule follows: which kinds of origin count, and which marks make a value harmless for it."""

    rule: Rule
    kinds: frozenset[str]
    marks: frozenset[str]


def shortened(text: str, size: int) -> str:
    """The text on one line of at most that many characters."""
    line = " ".join(text.split())
    return line if len(line) <= size else f"{line[: size - 1]}…"
