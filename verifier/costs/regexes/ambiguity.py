"""Texts that a pattern can match in more and more ways: what an attacker would repeat.

A loop is exponential when one text leads from a place in it back to that place in two ways (Weber and Seidl, "On the
degree of ambiguity of finite automata", 1991); the text in front, the text repeated and one that fails make the attack.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from verifier.costs.regexes.program import Op, Program, Unsupported, compiled

_MOST_WAYS = 20_000
_MOST_PAIRS = 20_000
START = -1
_Passed = frozenset[tuple[int, frozenset[int]]]
"""Forks on the way, each with the marks that were set before it."""


@dataclass(slots=True)
class Automaton:
    """From each instruction that takes a character (and from the start) to the next ones, with the number of ways."""

    program: Program
    following: dict[int, Mapping[int, int]] = field(default_factory=dict)

    def mask(self, state: int) -> int:
        """The characters that a state takes."""
        return self.program.steps[state].first


@dataclass(frozen=True, slots=True)
class Pump:
    """A text that leads to a loop, and one that goes around it in two ways."""

    before: str
    repeated: str


@lru_cache(maxsize=32)
def automaton_of(pattern: str | bytes, flags: int, *, whole: bool) -> Automaton | None:
    """The states of a pattern; None where it refers back to groups or is too large to judge."""
    try:
        return automaton(compiled(pattern, flags, whole=whole))
    except Unsupported:
        return None


def automaton(program: Program) -> Automaton | None:
    """The states of a program; None where there are too many ways to look at."""
    made = Automaton(program)
    left = _MOST_WAYS
    todo = [START]
    while todo:
        state = todo.pop()
        if state in made.following:
            continue
        ways, seen = _ways(program, state + 1, left)
        left -= seen
        if left < 0:
            return None
        made.following[state] = ways
        todo.extend(ways)
    return made


def _ways(program: Program, address: int, most: int) -> tuple[Mapping[int, int], int]:
    """The next instructions that take a character, with the number of ways to get there (two stand for many).

    The second number is how many instructions were looked at, at most one more than `most`.
    """
    found: dict[int, int] = {}
    seen = 0
    todo: list[tuple[int, _Passed, frozenset[int]]] = [(address, frozenset(), frozenset())]
    while todo:
        at, passed, marks = todo.pop()
        seen += 1
        if seen > most:
            break
        step = program.steps[at]
        match step.op:
            case Op.TAKE:
                found[at] = min(found.get(at, 0) + 1, 2)
            case Op.SPLIT if (at, marks) not in passed:
                passed |= {(at, marks)}
                todo += [(step.first, passed, marks), (step.second, passed, marks)]
            case Op.JUMP:
                todo.append((step.first, passed, marks))
            case Op.MARK:
                todo.append((at + 1, passed, marks | {step.first}))
            case Op.MOVED if step.first not in marks:
                todo.append((at + 1, passed, marks))
            case Op.AT | Op.LOOK:
                todo.append((at + 1, passed, marks))
            case _:
                pass
    return {state: count for state, count in found.items() if program.steps[state].first}, seen


def pumps(made: Automaton) -> Iterator[Pump]:
    """The attacks on each loop that is ambiguous."""
    left = _MOST_PAIRS
    for loop in _loops(made):
        for state in sorted(loop):
            inside = {each: count for each, count in made.following[state].items() if each in loop}
            found = _around(made, loop, state, inside)
            word, cost = found
            left -= cost
            if word is not None:
                before = reach(made, state)
                if before is not None:
                    yield Pump(before, word)
                    break
            if left < 0:
                return


def _around(made: Automaton, loop: frozenset[int], state: int, inside: Mapping[int, int]) -> tuple[str | None, int]:
    """A text that goes from a state back to it in two ways, and how many pairs were looked at."""
    starts: list[tuple[int, int]] = []
    for first, count in inside.items():
        if count > 1:
            starts.append((first, first))
        starts += [(first, other) for other in inside if other > first and made.mask(first) & made.mask(other)]
    came: dict[tuple[int, int], tuple[int, int] | None] = dict.fromkeys(starts)
    todo = deque(starts)
    while todo:
        pair = todo.popleft()
        if pair == (state, state):
            return _word(made, came, pair), len(came)
        if len(came) > _MOST_PAIRS // 4:
            break
        for first in made.following[pair[0]]:
            for second in made.following[pair[1]]:
                following = (first, second) if first <= second else (second, first)
                if first in loop and second in loop and following not in came and made.mask(first) & made.mask(second):
                    came[following] = pair
                    todo.append(following)
    return None, len(came)


def _word(made: Automaton, came: Mapping[tuple[int, int], tuple[int, int] | None], last: tuple[int, int]) -> str:
    letters = made.program.letters
    word: list[str] = []
    pair: tuple[int, int] | None = last
    while pair is not None:
        word.append(letters.pick(made.mask(pair[0]) & made.mask(pair[1])))
        pair = came[pair]
    return "".join(reversed(word))


def reach(made: Automaton, wanted: int) -> str | None:
    """A shortest text that leads to a state."""
    came: dict[int, int] = {START: START}
    todo = deque([START])
    while todo:
        state = todo.popleft()
        if state == wanted:
            word = []
            while state != START:
                word.append(made.program.letters.pick(made.mask(state)))
                state = came[state]
            return "".join(reversed(word))
        for each in made.following[state]:
            if each not in came:
                came[each] = state
                todo.append(each)
    return None


def _loops(made: Automaton) -> list[frozenset[int]]:
    """The strongly connected components with a way back, without recursion (Tarjan's algorithm)."""
    found: list[frozenset[int]] = []
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    held: set[int] = set()
    for root in made.following:
        if root in index:
            continue
        work = [(root, iter(made.following[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        held.add(root)
        while work:
            state, rest = work[-1]
            for each in rest:
                if each not in index:
                    index[each] = low[each] = len(index)
                    stack.append(each)
                    held.add(each)
                    work.append((each, iter(made.following[each])))
                    break
                if each in held:
                    low[state] = min(low[state], index[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                if low[state] == index[state]:
                    component = set()
                    while True:
                        each = stack.pop()
                        held.discard(each)
                        component.add(each)
                        if each == state:
                            break
                    if len(component) > 1 or state in made.following[state]:
                        found.append(frozenset(component))
    return found
