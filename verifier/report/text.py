"""How any text of a report is made fit for a terminal, and how numbers and sentences are worded."""

from __future__ import annotations

import re
import unicodedata

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`'\"(])")


def shown(character: str) -> str:
    """Return a character as a terminal may show it: a control or invisible one as a picture of itself."""
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    if character < " ":
        return chr(0x2400 + ord(character))
    return "\N{SYMBOL FOR DELETE}" if character == "\x7f" else "\N{REPLACEMENT CHARACTER}"


def one_line(text: str) -> str:
    """Return a text on one line and without anything that a terminal would obey."""
    spaced = " ".join(text.split())
    return spaced if spaced.isprintable() else "".join(map(shown, spaced))


def label(path: str) -> str:
    """Return a path as it is, but for what a terminal would obey: a newline in it must not begin a line."""
    return path if path.isprintable() else "".join(map(shown, path))


def first_sentences(text: str, limit: int = 160) -> str:
    """Return the first sentence of the first paragraph, and those after it that fit in `limit` characters."""
    sentences = _SENTENCE.split(one_line(text.strip().split("\n\n")[0]))
    taken = sentences[0]
    for sentence in sentences[1:]:
        if len(taken) + 1 + len(sentence) > limit:
            break
        taken += f" {sentence}"
    return taken


def count(number: int, noun: str) -> str:
    """Return `1 file` or `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
