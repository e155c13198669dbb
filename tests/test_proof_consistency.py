"""Whether the proof that a row carries fits the row, without asking anybody."""

from __future__ import annotations

from typing import Any

import pytest

from verifier.proving.consistency import problems
from verifier.proving.proof import Proof, parse

FULL = {
    "api": "a.b",
    "deprecated": "1.1",
    "removed": "2.0",
    "proof": ["1.0 present a.py:1", "1.1 warns a.py:1", "1.9 warns a.py:1", "2.0 absent a.py:1"],
}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"proof": ["1.0 present a.py:1", "1.1 warns a.py:1", "2.0 raises a.py:1"]},
        {"proof": ["1.0 present a.py:1"], "unproved": "no warning was found in 1.1", "reference": "https://a.org/"},
        {"proof": [], "unproved": "compiled", "reference": "https://a.org/"},
        {"proof": ["1.0 absent a.py:1", "1.1 warns a.py:1", "1.9 warns a.py:1", "2.0 absent a.py:1"]},
        {"proof": [], "unproved": "checked by hand: it raises for each value", "reference": "https://a.org/"},
        {"deprecated": "1.1", "removed": "2.0", "reintroduced": "3", "proof": [*FULL["proof"], "3.0 present a.py:1"]},
    ],
)
def test_consistent_rows(changed: dict[str, Any]) -> None:
    assert problems(FULL | changed) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"proof": []}, "neither"),
        ({"proof": "1.0 present a.py:1"}, "no list"),
        ({"proof": ["1.0 present"]}, "is no proof"),
        ({"proof": ["1.0 there a.py:1"]}, "none of present"),
        ({"proof": ["one present a.py:1"]}, "one"),
        ({"proof": [*FULL["proof"][:2], "1.9 absent a.py:1", "2.0 absent a.py:1"]}, "would be present or warns"),
        ({"proof": ["1.0 warns a.py:1", *FULL["proof"][1:]]}, "would be present"),
        ({"proof": [*FULL["proof"][:3], "2.0 warns a.py:1"]}, "would be absent or raises"),
        ({"proof": ["1.0 absent a.py:1", *FULL["proof"][2:]], "deprecated": "2.0"}, "would be"),
        ({"proof": ["1.0 raises a.py:1", *FULL["proof"][1:]]}, "would be present"),
        ({"proof": ["1.0 absent a.py:1", "1.1 present a.py:1", *FULL["proof"][2:]]}, "would be present"),
        ({"proof": [], "unproved": "checked by hand: it raises"}, "needs a reference"),
        ({"proof": [], "unproved": "checked by hand: ", "reference": "https://a.org/"}, "does not say"),
        ({"proof": FULL["proof"][1:]}, "no line is older than deprecated"),
        ({"proof": FULL["proof"][:3]}, "no line shows that 2.0"),
        ({"proof": [*FULL["proof"][:2], "1.9 present a.py:1", "2.0 absent a.py:1"]}, "has no warning"),
        ({"proof": list(reversed(FULL["proof"]))}, "stands before"),
        ({"removed": "1.9"}, "would be absent or raises"),
        ({"unproved": "compiled"}, "needs a reference"),
        ({"proof": [], "unproved": " ", "reference": "https://a.org/"}, "says nothing"),
        ({"proof": [], "unproved": "contradicted: it is there", "reference": "https://a.org/"}, "speaks against"),
    ],
)
def test_inconsistent_rows(changed: dict[str, Any], words: str) -> None:
    assert any(words in each for each in problems(FULL | changed)), problems(FULL | changed)


def test_a_line_of_proof_is_read_as_it_is_written() -> None:
    proof = Proof("2.0.0", "absent", "pandas/core/frame.py:500")
    assert parse(str(proof)) == proof
