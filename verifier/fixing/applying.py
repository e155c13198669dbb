"""One round of fixes in one text: those that do not touch each other, first come first served."""

from __future__ import annotations

import io
import tokenize
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from verifier.editing import Layout, clash, edited, layout
from verifier.model import Edit, Finding
from verifier.source import Unreadable, decode

_Place = tuple[int, int, str]
"""The offsets of an edit, and its text."""


class Unwritable(Exception):  # noqa: N818  # it says why a file stays as it is, and is no error of ours
    """A text that cannot be turned back into the bytes of its file."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The bytes after the fixes, the findings that these repair, and those that are left."""

    data: bytes
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]


def apply(data: bytes, findings: Iterable[Finding], *, unsafe: bool) -> Applied:
    """Carry out the fixes of one file's findings that do not touch each other; unsafe ones only if asked for.

    A fix is carried out as a whole or not at all. Encoding, byte order mark and newlines stay. Raises Unwritable.
    """
    try:
        text = decode(data, "")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except Unreadable as error:
        raise Unwritable(error.problem.text) from error
    if text.encode(encoding) != data:
        raise Unwritable(f"the encoding {encoding} does not give the same bytes back")
    places = layout(text)
    taken: dict[_Place, Edit] = {}
    order: list[_Place] = []
    fixed, left = [], []
    for finding in sorted(findings, key=lambda each: each.sort_key):
        edits = _edits(places, finding, unsafe=unsafe)
        new = sorted(key for key in edits if key not in taken)
        if not edits or not all(_fits(order, key) for key in new) or not _apart(new):
            left.append(finding)
            continue
        for key in new:
            insort(order, key)
            taken[key] = edits[key]
        fixed.append(finding)
    try:
        return Applied(edited(text, taken.values()).encode(encoding), tuple(fixed), tuple(left))
    except UnicodeEncodeError as error:
        raise Unwritable(f"the encoding {encoding} has no {text[error.start : error.end]!r}") from error


def wanted(finding: Finding, *, unsafe: bool) -> bool:
    """Whether a finding has a fix that may be carried out."""
    return finding.fix is not None and (finding.fix.safe or unsafe)


def _edits(places: Layout, finding: Finding, *, unsafe: bool) -> dict[_Place, Edit]:
    """The edits of a fix by their places; none where it has none that is wanted, or one does not fit the text."""
    if finding.fix is None or not wanted(finding, unsafe=unsafe):
        return {}
    try:
        return {(*places.range(each.span), each.text): each for each in finding.fix.edits}
    except ValueError:
        return {}


def _fits(order: Sequence[_Place], key: _Place) -> bool:
    """Whether an edit does not clash with its neighbours among those in order."""
    index = bisect_left(order, (*key[:2], ""))
    return not any(clash(each[:2], key[:2]) for each in order[max(index - 1, 0) : index + 1])


def _apart(order: Sequence[_Place]) -> bool:
    return not any(clash(one[:2], other[:2]) for one, other in pairwise(order))
