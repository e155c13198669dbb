"""Whether a text can be parsed at all: libcst's native parser crashes or crawls on extreme nesting and length."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.tokens import TOKEN

MAX_NESTING = 200
"""Brackets inside brackets; CPython's own limit ("too many nested parentheses")."""
MAX_CHAIN = 1_000
"""Operators, attributes or calls in one unbroken expression; libcst takes quadratic time in them."""
MAX_INDENTATION = 100
"""Levels of indentation; CPython's own limit."""
MAX_BYTES = 4_000_000
"""A file's size."""
MAX_TOKENS = 600_000
"""Tokens in a file, about 60,000 lines: ten seconds of parsing."""

_CHAINING = frozenset({"not", "and", "or", "lambda", "if", "else", "await"})


@dataclass(frozen=True, slots=True)
class Excess:
    """What is too much for the parser, how much of it there is, and the line."""

    text: str
    line: int


def excess(text: str) -> Excess | None:
    """The first thing in a text that the parser must not be given, or None."""
    tokens = elifs = 0
    chains = [0]
    indents = [0]
    line_start = True
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        tokens += 1
        if kind == "line":
            if len(chains) > 1:
                continue
            chains[0] = 0
            line_start = True
            width = match.end() - match.start() - 1
            after = text[match.end() : match.end() + 1]
            if after not in {"", "\n", "\r", "#"}:
                while width < indents[-1]:
                    indents.pop()
                if width > indents[-1]:
                    indents.append(width)
                    if len(indents) > MAX_INDENTATION:
                        return _at(text, match.end(), f"more than {MAX_INDENTATION} levels of indentation")
            continue
        if kind == "comment":
            continue
        if kind == "open":
            chains.append(0)
            if len(chains) > MAX_NESTING:
                return _at(text, match.start(), f"more than {MAX_NESTING} nested brackets")
        elif kind == "close":
            if len(chains) > 1:
                chains.pop()
            chains[-1] += 1
        elif kind == "comma":
            chains[-1] = 0
        elif kind == "operator" or (kind == "word" and match.group() in _CHAINING):
            chains[-1] += 1
        elif kind == "word" and line_start:
            elifs = elifs + 1 if match.group() == "elif" else elifs if match.group() not in {"if", "def"} else 0
        line_start = False
        if chains[-1] > MAX_CHAIN or elifs > MAX_CHAIN:
            return _at(text, match.start(), f"more than {MAX_CHAIN} links in one chain of operators, calls or branches")
        if tokens > MAX_TOKENS:
            return _at(text, match.start(), f"more than {MAX_TOKENS} tokens")
    return None


def _at(text: str, offset: int, words: str) -> Excess:
    return Excess(words, text.count("\n", 0, offset) + 1)
