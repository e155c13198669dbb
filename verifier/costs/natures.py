"""What a name says of a container's size: columns, options and parameters are few whatever the input is."""

from __future__ import annotations

import re
from functools import cache

from verifier import catalogue

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_CALLED = re.compile(r"\b[a-z]+\(")
"""A function of one word, such as `product(`, which is named for what it does."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_OWN = re.compile(r"__dict__|\b(vars|dir|locals|globals|signature|fields)\(")
"""What belongs to one object or function."""


@cache
def _nouns(kind: str) -> frozenset[str]:
    """The nouns of the table for `few` or `many`."""
    return frozenset(catalogue.table("cost/natures")[kind].split())


def few_by_nature(text: str) -> bool:
    """Whether an expression names things of which a program has a few dozen: `df.columns`, `ALLOWED`, `vars(x)`."""
    last = text.rpartition(".")[2]
    if (last.isupper() and len(last) > 1) or _OWN.search(text):
        return True
    return any(_is_one(word, _nouns("few")) for word in _WORD.findall(text))


def many_by_nature(text: str) -> bool:
    """Whether an expression names what data consists of: `orders`, `self.rows`, `nums`."""
    heads = (_WORD.findall(name) for name in _IDENTIFIER.findall(_CALLED.sub("(", text)))
    return any(_is_one(words[-1], _nouns("many")) for words in heads if words)


def _is_one(word: str, nouns: frozenset[str]) -> bool:
    """Whether a word is one of some nouns, or the plural of one."""
    word = word.lower()
    if word in nouns:
        return True
    if word.endswith("ies"):
        return f"{word[:-3]}y" in nouns
    return (word[:-2] if word.endswith(("sses", "xes", "uses")) else word.removesuffix("s")) in nouns
