"""Sets of characters as bits over a small alphabet that stands for all characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_ASCII = "".join(map(chr, range(128)))
_BEYOND = "é中\u0660\u3000"
"""A letter, an ideograph, a digit and a space, for the classes of `str` patterns."""
_FAVOURITES = "a0 b1.x,-/_:;'\"<>=A"


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that a pattern can tell apart, in the order of the bits of a mask."""

    characters: str
    places: dict[str, int]

    def mask(self, accepts: Callable[[str], bool]) -> int:
        """The set of the characters that a test accepts."""
        return sum(1 << place for place, each in enumerate(self.characters) if accepts(each))

    def pick(self, mask: int) -> str:
        """A character of a set, readable if there is one."""
        favourite = next((each for each in _FAVOURITES if mask >> self.places[each] & 1), None)
        if favourite is not None:
            return favourite
        members = [each for place, each in enumerate(self.characters) if mask >> place & 1]
        return next((each for each in members if each.isprintable()), members[0])


def alphabet(tree: Any, *, binary: bool) -> Alphabet:
    """ASCII, and beyond it what a pattern names itself."""
    named = {chr(each) for each in _literals(tree) if each > 127 and (not binary or each < 256)}
    beyond = {"\xff"} if binary else set(_BEYOND)
    characters = _ASCII + "".join(sorted(named | beyond))
    return Alphabet(characters, {each: place for place, each in enumerate(characters)})


def _literals(node: Any) -> Iterator[int]:
    """The numbers in a parse tree: characters, ends of ranges, and others that do no harm."""
    if isinstance(node, int):
        if 0 <= node < 0x110000 and type(node) is int:
            yield node
    elif hasattr(node, "__iter__") and not isinstance(node, str):
        for each in node:
            yield from _literals(each)


def accepted(letters: Alphabet, name: str, value: Any, flags: int) -> int:
    """The set that a node of a parse tree takes: LITERAL, NOT_LITERAL, ANY or IN."""
    match name:
        case "ANY":
            return letters.mask(lambda each: bool(flags & re.DOTALL) or each != "\n")
        case "LITERAL":
            return letters.mask(_folded(lambda each: ord(each) == value, flags))
        case "NOT_LITERAL":
            same = letters.mask(_folded(lambda each: ord(each) == value, flags))
            return letters.mask(lambda _: True) & ~same
        case _:
            return _class(letters, value, flags)


def _class(letters: Alphabet, items: Iterable[tuple[Any, Any]], flags: int) -> int:
    found, negated = 0, False
    for kind, value in items:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found |= letters.mask(_folded(lambda each, value=value: ord(each) == value, flags))  # type: ignore[misc]  # a default
            case "RANGE":
                low, high = value
                inside = _folded(lambda each, low=low, high=high: low <= ord(each) <= high, flags)  # type: ignore[misc]  # defaults
                found |= letters.mask(inside)
            case "CATEGORY":
                found |= letters.mask(category(str(value), flags))
            case _:
                pass
    return letters.mask(lambda _: True) & ~found if negated else found


def _folded(accepts: Callable[[str], bool], flags: int) -> Callable[[str], bool]:
    """The same test under IGNORECASE, where it is set."""
    if not flags & re.IGNORECASE:
        return accepts
    return lambda each: any(len(one) == 1 and accepts(one) for one in (each, each.lower(), each.upper()))


def category(name: str, flags: int) -> Callable[[str], bool]:
    """What a class such as "CATEGORY_NOT_SPACE" accepts (the re module's documentation, on the classes of letters)."""
    ascii_only = bool(flags & re.ASCII)
    kind = name.removeprefix("CATEGORY_")
    plain = {"DIGIT": str.isdecimal, "SPACE": str.isspace, "WORD": lambda each: each.isalnum() or each == "_"}
    test: Callable[[str], bool] = plain.get(kind.removeprefix("NOT_").removeprefix("UNI_"), lambda _: False)
    wanted = not kind.startswith("NOT_")
    return lambda each: (test(each) and (each < "\x80" or not ascii_only)) is wanted
