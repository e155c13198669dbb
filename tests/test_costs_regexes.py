"""What is said of regular expressions, against the engine itself: it matches the same and is slow where it should."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from verifier.costs.regexes.attack import exponential
from verifier.costs.regexes.machine import attempt
from verifier.costs.regexes.polynomial import cubic, strips
from verifier.costs.regexes.program import Unsupported, compiled

SLOW = (
    r"(a+)+b",
    r"(a*)*b",
    r"(.*)*x",
    r"(a|a)*b",
    r"(?:a|b|ab)*c",
    r"(x+x+)+y",
    r"(a{1,3})*b",
    r"(\w+\s?)*$",
    r"(\s*\w+\s*)*x",
    r'"([^"\\]+|\\.)*"',
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(?s)(.|\n)*end",
    r"(?i)(ka|[K-Z]A)*!",
    r"^(\d+|\d*\.\d*)*;",
    r"(?:é+)+!",
    rb"(\w+,?)*;",
)
FAST = (
    r"(a+)+",
    r"(a++)+b",
    r"(?>a+)+b",
    r"(\d{1,3}\.){3}\d+",
    r"(\w+\.)+\w+$",
    r'"([^"\\]|\\.)*"',
    r"(?:\s|\n)+$",
    r"(?:[^<]|<[^!])*-->",
    r"(.|\n)*?end",
    r"((a|b)*c)*d",
    r"(a?){20}b",
    r"(a)(b+)+?\1",
    r"(a+",
    r"(?:(?:(?:a{900}){900}){900})+b",
    r"(?:(?:(?:){65535}){65535})+b",
    "(a?b?c?){9}" * 30 + "(a+b)+",
    "(" + "|".join(f"x{number}" for number in range(500)) + ")+;",
)
SECONDS = 2.0


def test_attacks_are_slow_in_the_engine_and_their_beginnings_are_not() -> None:
    attacks = {pattern: exponential(pattern, 0, whole=False) for pattern in SLOW}
    short = [_search(pattern, attack.text(2)) for pattern, attack in attacks.items() if attack is not None]
    assert len(short) == len(SLOW), [pattern for pattern, attack in attacks.items() if attack is None]
    subprocess.run([sys.executable, "-c", "import re\n" + "\n".join(short)], timeout=60, check=True)
    programs = ["import re\n" + _search(pattern, attack.text(40)) for pattern, attack in attacks.items() if attack]
    running = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
    try:
        time.sleep(SECONDS)
        assert [program for program, each in zip(programs, running, strict=True) if each.poll() is not None] == []
    finally:
        for each in running:
            each.kill()
            each.wait()


def _search(pattern: str | bytes, text: str) -> str:
    subject = text if isinstance(pattern, str) else text.encode("latin-1")
    return f"re.search({pattern!r}, {subject!r})"


@pytest.mark.parametrize("pattern", FAST)
def test_what_cannot_be_attacked(pattern: str) -> None:
    assert exponential(pattern, 0, whole=False) is None


def test_a_match_of_the_whole_text_can_fail_at_its_end() -> None:
    assert exponential(r"([a-z]+,?)+", 0, whole=False) is None
    assert exponential(r"([a-z]+,?)+", 0, whole=True) is not None


CUBIC = (r"\d+\d+$", r"[\w.]+[\w.-]*@x", r"^.*=.*=.*=;$", r"^[a-z]+\d*[a-z]*[0-9]*[a-z]*$", rb"\s+\s*;")
NOT_CUBIC = (r"\s+$", r"\w+@\w+\.\w+", r".*foo.*bar", r"^\d+\d+$", r"\s*,\s*", r"<.*?>.*?</.*?>", r"(a", r"\d++\d+\d+$")


def test_cubic_attacks_take_the_engine_eight_times_as_long_for_twice_the_length() -> None:
    for pattern in CUBIC:
        attack = cubic(pattern, 0, whole=False, scanning=True)
        assert attack is not None, pattern
        short, long = (_seconds(pattern, attack.text(times)) for times in (120, 240))
        assert long > 4 * short, pattern


@pytest.mark.parametrize("pattern", NOT_CUBIC)
def test_what_is_not_cubic(pattern: str) -> None:
    assert cubic(pattern, 0, whole=False, scanning=True) is None


def test_runs_of_blanks_at_the_end_take_the_square_of_their_length() -> None:
    for pattern in (r"\s+$", r"^\s+|\s+$", r"( +)\Z", r"[ \t\n]*$"):
        assert strips(pattern, 0)
        assert _seconds(pattern, "x" + " " * 4000 + "x") > 8 * _seconds(pattern, "x" + " " * 1000 + "x"), pattern
    assert not any(strips(pattern, 0) for pattern in (r"\s+x$", r"x\s+$", r"\d+$", r"(?m)\s+$", r"\s++$", r"(", r"\s$"))


def _seconds(pattern: str | bytes, text: str) -> float:
    """The time of the fastest of three searches."""
    subject = text if isinstance(pattern, str) else text.encode("latin-1")
    found = re.compile(pattern)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found.search(subject)  # type: ignore[arg-type]  # both are text or both bytes
        times.append(time.perf_counter() - start)
    return min(times)


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\b", "^", "$", "(?=a)", "(?!b)", "(?<=a)", "(?<!b)"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "{1,2}", "{2}", "*+"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda part: f"(?>{part})"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text("ab\n", max_size=6))
@example("(?:(?:^|[^a]))*", "\n")  # an empty turn is the last one although its other branch would take more
def test_the_machine_matches_what_the_engine_matches(pattern: str, text: str) -> None:
    flags = re.ASCII
    try:
        program = compiled(pattern, flags, whole=False)
    except Unsupported:
        return
    match = re.compile(pattern, flags).match(text)
    tried = attempt(program, text)
    if not tried.given_up:
        assert tried.end == (None if match is None else match.end())
