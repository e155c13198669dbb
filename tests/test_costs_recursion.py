"""Recursion: what its calls do to its parameters, and fixes of slow numbers and calls, applied and run."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import catalogue
from verifier.costs.opening import open_costs
from verifier.costs.recursion.calls import recursions, together
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.model import Project, Source
from verifier.semantics.infer import Inference
from verifier.semantics.walk import read

RULES = [rule for rule in catalogue.load() if rule.code in {"VER516", "VER518", "VER519"}]
FIBONACCI = """\
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
"""
PATHS = '''\
"""Ways through a grid."""

import math


class Grid:
    pass


def count(rows: int):
    def paths(i, j):
        return 1 if i == 0 or j == 0 else paths(i - 1, j) + paths(i, j - 1)

    return paths(rows, rows)
'''
POWER = """\
def last(base: int, exponent: int, modulus: int) -> int:
    return 1 + (base + 1) ** exponent % modulus
"""
PRIME = """\
def is_prime(n):
    if n < 2:
        return False
    for i in range(2, n):
        if n % i == 0:
            return False
    return True
"""


def fixed(text: str, *, unsafe: bool) -> str:
    data = text.encode()
    examined = examine(Source("example.py", Path("example.py").absolute(), data=data), RULES, Project(Path(), (3, 12)))
    return apply(data, examined.findings, unsafe=unsafe).data.decode()


def result(text: str, call: str) -> object:
    names: dict[str, object] = {}
    exec(text, names)  # verify: ignore[B102] an example that stands in this project
    return eval(call, names)  # verify: ignore[B307] an example that stands in this project


def test_fixes_say_what_they_should() -> None:
    assert fixed(FIBONACCI, unsafe=False) == "import functools\n\n@functools.cache\n" + FIBONACCI
    assert fixed(PATHS, unsafe=False) == PATHS
    cached = PATHS.replace("    def paths", "    @functools.cache\n    def paths")
    assert fixed(PATHS, unsafe=True) == cached.replace("import math\n", "import math\nimport functools\n")
    assert fixed(POWER, unsafe=False) == POWER.replace(
        "(base + 1) ** exponent % modulus", "pow(base + 1, exponent, modulus)"
    )
    assert fixed(PRIME, unsafe=False) == PRIME
    assert fixed(PRIME, unsafe=True) == "import math\n\n" + PRIME.replace("(2, n)", "(2, math.isqrt(n) + 1)")


@given(st.integers(0, 12))
def test_fixed_functions_give_the_same(n: int) -> None:
    for text, call in ((FIBONACCI, "fib"), (PATHS, "count"), (PRIME, "is_prime")):
        assert result(text, f"{call}({n})") == result(fixed(text, unsafe=True), f"{call}({n})")
    assert result(POWER, f"last({n}, 3, 7)") == result(fixed(POWER, unsafe=True), f"last({n}, 3, 7)")


@pytest.mark.parametrize(
    "text",
    [
        "def f(n, items):\n    return 0 if n < 1 else items[n] + max(f(n - 1, items), f(n - 2, items))\n",
        "class A:\n    def f(self, n):\n        return 1 if n < 2 else self.f(n - 1) + self.f(n - 2)\n",
        "functools = 3\ndef f(n):\n    return functools if n < 2 else f(n - 1) + f(n - 2)\n",
    ],
)
def test_no_fix_where_it_may_not_fit(text: str) -> None:
    assert fixed(text, unsafe=True) == text


@pytest.mark.parametrize(
    ("body", "calls", "steps"),
    [
        ("return f(a - 1, b) + f(a, b + 2)", 2, "down same | same up"),
        ("return f(a - b, 1) if a else f(b, a)", 1, "less fixed"),
        ("if a:\n        return f(a - 1, b)\n    return f(a, b - 1)", 1, "down same"),
        ("if a: return f(a - 1, b)\n    return f(a, b - 1)", 1, "down same"),
        ("if a:\n        x = f(a - 1, b)\n    return f(a, b - 1)", 2, "down same | same down"),
        ("return sum(f(i, b) * f(a - i - 1, b) for i in range(a))", 2, "within same | less same"),
        ("return f(a[1:], b) or f(a[:-2], b[::2])", 2, "rest same | rest other"),
        ("return f(a[i:], b=b * 2)", 1, "cut other"),
    ],
)
def test_calls_on_one_path(body: str, calls: int, steps: str) -> None:
    facts = read(cst.parse_module(f"def f(a, b):\n    {body}\n"), "example.py", (3, 12))
    (found,) = recursions(open_costs(facts, Inference(facts, {})))
    path = together(found, found.selves)
    assert len(path) == calls
    assert " | ".join(" ".join(each.steps[name] for name in "ab") for each in path) == steps
