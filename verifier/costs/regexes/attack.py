"""Whether a pattern needs exponential time for some text, with that text as the proof."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from verifier.costs.regexes.ambiguity import Pump, automaton_of, pumps
from verifier.costs.regexes.machine import attempt
from verifier.costs.regexes.program import Program

_NESTED = re.compile(r"\)\s*[*+{]")
FAILING = ("!", "\n", "\x00", "~", "\x7f", " ", "0", "a", "")
_MOST_PUMPS = 5
_TIMES = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Attack:
    """`before + repeated * n + after` takes a pattern time that is exponential in n."""

    before: str
    repeated: str
    after: str
    steps: tuple[int, ...]
    """What `n` of 1, 2, 4, 8 and 16 (of 8, 16 and 32 if it is cubic) cost, as far as it was tried."""
    times: int = 40
    """The `n` of which an attack takes long."""

    def text(self, times: int) -> str:
        """The attack with so many repetitions."""
        return self.before + self.repeated * times + self.after

    def code(self, *, binary: bool) -> str:
        """The attack as Python code: a text, or bytes."""
        before, repeated, after = (
            repr(each.encode("latin-1") if binary else each) for each in (self.before, self.repeated, self.after)
        )
        return " + ".join(
            [*([before] if self.before else []), f"{repeated} * {self.times}", *([after] if self.after else [])],
        )


@lru_cache(maxsize=512)
def exponential(pattern: str | bytes, flags: int, *, whole: bool) -> Attack | None:
    """An attack on a pattern that was tried out on a machine like that of `re`; None where none is known.

    `whole` says that the match must reach the end of the text (`re.fullmatch`). Patterns that refer back to groups, or
    are very large, are not judged.
    """
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    if _NESTED.search(text) is None:
        return None
    made = automaton_of(pattern, flags, whole=whole)
    if made is None:
        return None
    for pump in islice(pumps(made), _MOST_PUMPS):
        if (found := _proved(made.program, pump)) is not None:
            return found
    return None


def _proved(program: Program, pump: Pump) -> Attack | None:
    """The attack with the ending for which the steps explode: twice the repetitions, far more than twice the steps."""
    for after in FAILING:
        attack = Attack(pump.before, pump.repeated, after, ())
        steps: list[int] = []
        for times in _TIMES:
            tried = attempt(program, attack.text(times))
            if tried.end is not None or (tried.given_up and not steps):
                break
            steps.append(tried.steps)
            if tried.given_up and len(steps) > 1:
                return replace(attack, steps=tuple(steps))
        else:
            slow, slower = steps[-2] / steps[-3], steps[-1] / steps[-2]
            if slower > 8 and slower > 1.5 * slow:
                return replace(attack, steps=tuple(steps))
    return None
