"""A line of proof: what one release's files say of an API, and where they say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

from packaging.version import Version

Word: TypeAlias = Literal["present", "warns", "absent", "raises"]
"""There and silent; there and warning; not there; there, but all it does is raise."""

HERE: frozenset[Word] = frozenset({"present", "warns"})
GONE: frozenset[Word] = frozenset({"absent", "raises"})
_LINE = re.compile(r"(?P<version>\S+) (?P<word>[a-z]+) (?P<place>\S.*)")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the files of one release say, and the file (as installed) and line that say it."""

    version: str
    word: Word
    place: str

    def __str__(self) -> str:
        return f"{self.version} {self.word} {self.place}"


def parse(text: str) -> Proof:
    """Read a line such as `2.0.0 absent pandas/core/frame.py:500`; raises ValueError where it is none."""
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no proof: expected `VERSION WORD FILE:LINE`")
    if match["word"] not in get_args(Word):
        raise ValueError(f"{match['word']!r} in {text!r} is none of {', '.join(get_args(Word))}")
    Version(match["version"])
    return Proof(match["version"], cast("Word", match["word"]), match["place"])
