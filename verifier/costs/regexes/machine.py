"""Runs the program of a pattern as `re` does, going back where it fails, and counts its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from verifier.costs.regexes.program import Instruction, Op, Program

MOST_STEPS = 60_000


@dataclass(frozen=True, slots=True)
class Tried:
    """How many steps an attempt took, where it ended (None: no match), and whether it was given up."""

    steps: int
    end: int | None
    given_up: bool = False


def attempt(program: Program, text: str, start: int = 0, most: int = MOST_STEPS) -> Tried:
    """What matching at one place does, in at most so many steps."""
    symbols = [program.letters.places.get(each, -1) for each in text]
    return _run(program, text, symbols, start, most)


def _run(program: Program, text: str, symbols: list[int], start: int, most: int) -> Tried:
    steps, length, count = program.steps, len(text), 0
    todo: list[tuple[int, int, tuple[int, ...]]] = [(0, start, (-1,) * program.marks)]
    while todo:
        address, place, marks = todo.pop()
        while True:
            count += 1
            if count > most:
                return Tried(count, None, given_up=True)
            step = steps[address]
            match step.op:
                case Op.TAKE:
                    if place >= length or symbols[place] < 0 or not step.first >> symbols[place] & 1:
                        break
                    address, place = address + 1, place + 1
                case Op.SPLIT:
                    todo.append((step.second, place, marks))
                    address = step.first
                case Op.JUMP:
                    address = step.first
                case Op.MARK:
                    marks = (*marks[: step.first], place, *marks[step.first + 1 :])
                    address += 1
                case Op.MOVED:
                    address = step.second if marks[step.first] == place else address + 1
                case Op.AT:
                    if not _at(step.name, text, place):
                        break
                    address += 1
                case Op.LOOK | Op.ATOMIC:
                    tried = _inner(step, text, symbols, place, most - count)
                    count += tried.steps
                    if tried.given_up:
                        return Tried(count, None, given_up=True)
                    if step.op is Op.LOOK and (tried.end is not None) is not bool(step.second):
                        break
                    if step.op is Op.ATOMIC:
                        if tried.end is None:
                            break
                        place = tried.end
                    address += 1
                case Op.DONE:
                    return Tried(count, place)
    return Tried(count, None)


def _inner(step: Instruction, text: str, symbols: list[int], place: int, most: int) -> Tried:
    assert step.inner is not None  # noqa: S101  # these instructions have one
    begin = place - step.first if step.op is Op.LOOK else place
    return Tried(1, None) if begin < 0 else _run(step.inner, text, symbols, begin, most)


def _at(name: str, text: str, place: int) -> bool:
    """Whether an anchor holds at a place."""
    return _ANCHORS[name](text, place) if name in _ANCHORS else True


def _boundary(text: str, place: int) -> bool:
    before = place > 0 and (text[place - 1].isalnum() or text[place - 1] == "_")
    after = place < len(text) and (text[place].isalnum() or text[place] == "_")
    return before is not after


_ANCHORS: dict[str, Callable[[str, int], bool]] = {
    "AT_BEGINNING": lambda _, place: place == 0,
    "AT_BEGINNING_STRING": lambda _, place: place == 0,
    "AT_BEGINNING_LINE": lambda text, place: place == 0 or text[place - 1] == "\n",
    "AT_END": lambda text, place: place == len(text) or text[place:] == "\n",
    "AT_END_STRING": lambda text, place: place == len(text),
    "AT_END_LINE": lambda text, place: place == len(text) or text[place] == "\n",
    "AT_BOUNDARY": _boundary,
    "AT_NON_BOUNDARY": lambda text, place: not _boundary(text, place),
}
