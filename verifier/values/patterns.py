"""Which cases of a `match` a constant subject takes, and which names a pattern binds."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.values.model import Value


def matches(pattern: cst.MatchPattern, subject: Value) -> bool | None:
    """Whether the subject always (True) or never (False) fits the pattern; None where that depends."""
    match pattern:
        case cst.MatchAs(pattern=None):
            return True
        case cst.MatchAs():
            return matches(pattern.pattern, subject) if pattern.pattern else True
        case cst.MatchOr():
            answers = [matches(each.pattern, subject) for each in pattern.patterns]
            if True in answers:
                return True
            return None if None in answers else False
        case cst.MatchValue(value=cst.SimpleString() | cst.Integer() as literal) if subject.constants is not None:
            fits = [each == literal.evaluated_value for each in subject.constants]
            return True if all(fits) else None if any(fits) else False
    return None


def captured(pattern: cst.CSTNode) -> Iterator[cst.Name]:
    """The names that a pattern binds."""
    if isinstance(pattern, cst.MatchAs | cst.MatchStar) and pattern.name is not None:
        yield pattern.name
    if isinstance(pattern, cst.MatchMapping) and pattern.rest is not None:
        yield pattern.rest
    for each in pattern.children:
        yield from captured(each)
