"""Whether a pattern needs time that grows with the square or the cube of a text, with that text as the proof.

Each loop that can take the same character as the one before it multiplies the work by the length of a run of that
character; so does a search, which begins again at each place of the text.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

from verifier.costs.regexes.ambiguity import START, Automaton, automaton_of, reach
from verifier.costs.regexes.attack import FAILING, Attack
from verifier.costs.regexes.machine import attempt
from verifier.costs.regexes.program import PARSER, Program

_LENGTHS = (8, 16, 32)
_BLANKS = frozenset(" \t\r\n\f\v")
_CUBIC = 3
_MOST_STEPS = 400_000


@lru_cache(maxsize=512)
def cubic(pattern: str | bytes, flags: int, *, whole: bool, scanning: bool) -> Attack | None:
    """An attack that takes a pattern time of the cube of its length or more; None where none is known.

    `scanning` says that the pattern is looked for at each place of the text, as `re.search` does.
    """
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    if sum(text.count(each) for each in "*+") < _CUBIC - scanning:
        return None
    made = automaton_of(pattern, flags, whole=whole)
    if made is None:
        return None
    for character, mask in _characters(made.program):
        chain = _chain(made, mask)
        if len(chain) + scanning >= _CUBIC and (before := reach(made, chain[0])) is not None:
            found = _proved(made.program, before, character, scanning=scanning)
            if found is not None:
                return found
    return None


def _characters(program: Program) -> list[tuple[str, int]]:
    """A character for each kind that the states of a program tell apart."""
    kinds: dict[tuple[bool, ...], tuple[str, int]] = {}
    masks = list(dict.fromkeys(step.first for step in program.steps if step.op.name == "TAKE"))
    for place, character in enumerate(program.letters.characters):
        kind = tuple(bool(mask >> place & 1) for mask in masks)
        kinds.setdefault(kind, (character, 1 << place))
    return list(kinds.values())[:64]


def _chain(made: Automaton, mask: int) -> list[int]:
    """The most states that loop on one character, each reached from the one before it by that character alone."""
    able = {state for state in made.following if state != START and made.mask(state) & mask}
    looping = sorted(state for state in able if state in made.following[state])
    longest: dict[int, list[int]] = {}
    for state in reversed(looping):  # loops only lead on to later states, but for those around them
        best: list[int] = []
        seen, todo = {state}, [state]
        while todo:
            for each in made.following[todo.pop()]:
                if each in able and each > state and each not in seen:
                    seen.add(each)
                    todo.append(each)
                    if len(longest.get(each, ())) > len(best):
                        best = longest[each]
        longest[state] = [state, *best]
    return max(longest.values(), key=len, default=[])


def _proved(program: Program, before: str, character: str, *, scanning: bool) -> Attack | None:
    """The attack with the ending for which twice the length takes about eight times the steps."""
    for after in (*FAILING, "\n!"):
        steps: list[int] = []
        for times in _LENGTHS:
            text = before + character * times + after
            total = 0
            for start in range(len(text) if scanning else 1):
                tried = attempt(program, text, start, _MOST_STEPS)
                total += tried.steps
                if tried.end is not None or tried.given_up:
                    break
            if tried.end is not None or (tried.given_up and not steps):
                break
            steps.append(total)
        if len(steps) == len(_LENGTHS) and math.log2(steps[-1] / steps[-2]) > _CUBIC - 0.5:
            return Attack(before, character, after, tuple(steps), times=5000)
    return None


@lru_cache(maxsize=512)
def strips(pattern: str | bytes, flags: int) -> bool:
    r"""Whether a pattern, or one of its branches, is a run of blanks at the end of a text: `\s+$`, `^\s+|\s+$`."""
    if "$" not in str(pattern) and r"\Z" not in str(pattern):
        return False
    try:
        tree = PARSER.parse(pattern, flags)
    except (re.error, OverflowError, ValueError, RecursionError):
        return False
    if tree.state.flags & re.MULTILINE:
        return False
    match list(tree):
        case [(op, (_, branches))] if str(op) == "BRANCH":
            return any(_is_strip(list(branch)) for branch in branches)
        case nodes:
            return _is_strip(nodes)


def _is_strip(nodes: list[Any]) -> bool:
    match nodes:
        case [(op, (_, _, _, inner)), *rest] if str(op) == "SUBPATTERN":
            return _is_strip([*inner, *rest])
        case [(op, (_, high, inner)), (end, where)]:
            endless = str(op) == "MAX_REPEAT" and high == PARSER.MAXREPEAT
            return endless and str(end) == "AT" and str(where) in {"AT_END", "AT_END_STRING"} and _blank(list(inner))
        case _:
            return False


def _blank(inner: list[Any]) -> bool:
    match inner:
        case [(op, value)] if str(op) == "LITERAL" and isinstance(value, int):
            return chr(value) in _BLANKS
        case [(op, members)] if str(op) == "IN" and isinstance(members, list):
            return all(
                (str(kind) == "LITERAL" and chr(value) in _BLANKS) or str(value) == "CATEGORY_SPACE"
                for kind, value in members
            )
        case _:
            return False
