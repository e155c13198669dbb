"""A regular expression as a program of few instructions, compiled from the tree that Python's own parser gives."""

from __future__ import annotations

import importlib
import re
import warnings
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from verifier.costs.regexes.classes import Alphabet, accepted, alphabet

PARSER: Any = importlib.import_module("re._parser")
"""The parser that `re` itself uses; the stubs of some versions know it, those of others do not."""
MOST_INSTRUCTIONS = 2000
_MOST_CHARACTERS = 4000
_UNBOUNDED = int(PARSER.MAXREPEAT)


class Op(Enum):
    """What an instruction does with the place in the text."""

    TAKE = "take a character of a set"
    SPLIT = "go on at one place, and if that fails at another"
    JUMP = "go on at another place"
    AT = "ask where it is"
    LOOK = "ask whether another program matches here, or does not"
    ATOMIC = "do what another program does, in the first way it finds"
    MARK = "remember the place"
    MOVED = "leave the loop where nothing was taken since the mark"
    DONE = "match"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step; `first` and `second` are addresses, or what `op` says."""

    op: Op
    first: int = 0
    second: int = 0
    name: str = ""
    inner: Program | None = None


@dataclass(slots=True)
class Program:
    """Instructions over the masks of an alphabet; it begins at the first."""

    letters: Alphabet
    steps: list[Instruction] = field(default_factory=list)
    marks: int = 0


class Unsupported(Exception):  # noqa: N818  # no error: there is nothing to say of such a pattern
    """A pattern that is none, is too large, or refers back to what it took."""


def compiled(pattern: str | bytes, flags: int, *, whole: bool) -> Program:
    """The program of a pattern, which must match to the end if `whole`; raises Unsupported."""
    if len(pattern) > _MOST_CHARACTERS:
        raise Unsupported("too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = PARSER.parse(pattern, flags)
    except (re.error, OverflowError, ValueError, RecursionError) as error:
        raise Unsupported(str(error)) from error
    binary = isinstance(pattern, bytes)
    program = Program(alphabet(tree, binary=binary))
    flags = tree.state.flags | (re.ASCII if binary else 0)
    _sequence(program, tree, flags)
    if whole:
        _add(program, Instruction(Op.AT, name="AT_END_STRING"))
    _add(program, Instruction(Op.DONE))
    return program


def _add(program: Program, step: Instruction) -> int:
    if len(program.steps) >= MOST_INSTRUCTIONS:
        raise Unsupported("too many instructions")
    program.steps.append(step)
    return len(program.steps) - 1


def _sequence(program: Program, tree: Any, flags: int) -> None:
    for op, value in tree:
        _node(program, str(op), value, flags)


def _node(program: Program, name: str, value: Any, flags: int) -> None:
    match name:
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
            _add(program, Instruction(Op.TAKE, accepted(program.letters, name, value, flags)))
        case "BRANCH":
            _branches(program, value[1], flags)
        case "SUBPATTERN":
            _, added, dropped, inner = value
            _sequence(program, inner, (flags | added) & ~dropped)
        case "MAX_REPEAT" | "MIN_REPEAT":
            _repeat(program, value, flags, lazy=name == "MIN_REPEAT")
        case "POSSESSIVE_REPEAT":
            inner = Program(program.letters)
            _repeat(inner, value, flags, lazy=False)
            _add(program, Instruction(Op.ATOMIC, inner=_closed(inner)))
        case "ATOMIC_GROUP":
            _add(program, Instruction(Op.ATOMIC, inner=_part(program, value, flags)))
        case "ASSERT" | "ASSERT_NOT":
            direction, inner_tree = value
            back = inner_tree.getwidth()[0] if direction < 0 else 0
            inner = _part(program, inner_tree, flags)
            _add(program, Instruction(Op.LOOK, int(back), int(name == "ASSERT"), inner=inner))
        case "AT":
            multiline = "_LINE" if flags & re.MULTILINE and str(value) in {"AT_BEGINNING", "AT_END"} else ""
            _add(program, Instruction(Op.AT, name=str(value) + multiline))
        case "FAILURE":
            _add(program, Instruction(Op.TAKE, 0))
        case _:
            raise Unsupported(name)


def _part(program: Program, tree: Any, flags: int) -> Program:
    inner = Program(program.letters)
    _sequence(inner, tree, flags)
    return _closed(inner)


def _closed(program: Program) -> Program:
    _add(program, Instruction(Op.DONE))
    return program


def _branches(program: Program, branches: Any, flags: int) -> None:
    leaving: list[int] = []
    for index, each in enumerate(branches):
        last = index == len(branches) - 1
        fork = -1 if last else _add(program, Instruction(Op.SPLIT))
        _sequence(program, each, flags)
        if not last:
            leaving.append(_add(program, Instruction(Op.JUMP)))
            program.steps[fork] = Instruction(Op.SPLIT, fork + 1, len(program.steps))
    for place in leaving:
        program.steps[place] = Instruction(Op.JUMP, len(program.steps))


def _repeat(program: Program, value: Any, flags: int, *, lazy: bool) -> None:
    low, high, tree = int(value[0]), int(value[1]), value[2]
    for _ in range(low):
        before = len(program.steps)
        _sequence(program, tree, flags)
        if len(program.steps) == before:
            break  # nothing, however often
    if high >= _UNBOUNDED:
        _loop(program, tree, flags, lazy=lazy)
        return
    forks: list[int] = []
    for _ in range(high - low):
        forks.append(_add(program, Instruction(Op.SPLIT)))
        _sequence(program, tree, flags)
    for fork in forks:
        program.steps[fork] = _split(fork + 1, len(program.steps), lazy=lazy)


def _loop(program: Program, tree: Any, flags: int, *, lazy: bool) -> None:
    """Any number of turns; one that takes nothing is the last, as in the machine of `re`."""
    fork = _add(program, Instruction(Op.SPLIT))
    empty = tree.getwidth()[0] == 0
    if empty:
        mark = program.marks
        program.marks += 1
        _add(program, Instruction(Op.MARK, mark))
    _sequence(program, tree, flags)
    moved = _add(program, Instruction(Op.MOVED, mark)) if empty else -1
    _add(program, Instruction(Op.JUMP, fork))
    if empty:
        program.steps[moved] = Instruction(Op.MOVED, mark, len(program.steps))
    program.steps[fork] = _split(fork + 1, len(program.steps), lazy=lazy)


def _split(inside: int, behind: int, *, lazy: bool) -> Instruction:
    return Instruction(Op.SPLIT, behind, inside) if lazy else Instruction(Op.SPLIT, inside, behind)
