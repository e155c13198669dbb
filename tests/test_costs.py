"""What the cost model says of loops: how far they go, what repeats a place, which loops multiply."""

from __future__ import annotations

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import catalogue
from verifier.costs.data import is_data
from verifier.costs.database.querysets import rows
from verifier.costs.elements import visited
from verifier.costs.extents import FEW, turns
from verifier.costs.model import Costs, Size
from verifier.costs.objects.short import kept_short
from verifier.costs.opening import open_costs
from verifier.costs.repeats import levels, repeated
from verifier.semantics.infer import Inference
from verifier.semantics.walk import read


def opened(text: str) -> Costs:
    facts = read(cst.parse_module(text), "example.py", (3, 12))
    return open_costs(facts, Inference(facts, catalogue.table("semantics/returns")["returns"]))


def sizes(text: str) -> list[Size]:
    costs = opened(text)
    return [turns(costs, loop).size for loop in costs.facts.loops]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for x in [1, 2, 3]: pass", Size.SMALL),
        ("for x in range(64): pass", Size.SMALL),
        ("for x in range(10**6): pass", Size.FIXED),
        ("for x in range(0, 1000, 100): pass", Size.SMALL),
        ("NAMES = ('a', 'b')\nfor x in NAMES: pass", Size.SMALL),
        ("names = ['a']\nnames.append('b')\nfor x in names: pass", Size.LENGTH),
        ("def names():\n    first = ['a']\n    return first + ['b']\nfor x in names(): pass", Size.SMALL),
        ("class A:\n    names = []\n    def f(self):\n        for x in self.names: pass", Size.SMALL),
        (
            "class A:\n    names = []\n    def f(self):\n        for x in self.names: pass\na.names.append(1)",
            Size.LENGTH,
        ),
        ("def f(parts):\n    while len(parts) < 3: parts.append('')", Size.SMALL),
        ("def f(text):\n    for x in WORD_RE.split(text): pass", Size.LENGTH),
        ("def f(items):\n    for x in items: pass", Size.LENGTH),
        ("def f(items):\n    for x in enumerate(items): pass", Size.LENGTH),
        ("def f(items):\n    for x in zip(items, 'abc'): pass", Size.SMALL),
        ("def f(items):\n    for x in range(len(items) - 1): pass", Size.LENGTH),
        ("def f(items):\n    for x in items[:10]: pass", Size.SMALL),
        ("def f(items, i):\n    for x in items[i:i + 3]: pass", Size.SMALL),
        ("def f(items, i):\n    j = i + 3\n    for x in range(i, j): pass", Size.SMALL),
        ("def f(n):\n    for x in range(n): pass", Size.UNKNOWN),
        ("def f(n):\n    for x in range(min(n, 5)): pass", Size.SMALL),
        ("def f(n):\n    for x in range(int(n ** 0.5) + 1): pass", Size.SLOW),
        ("def f(n, p):\n    for x in range(p, n, p): pass", Size.SLOW),
        ("n = int(input())\nfor x in range(n): pass", Size.OUTSIDE),
        ("n, m = map(int, input().split())\nfor x in range(m): pass", Size.OUTSIDE),
        ("def numbers(): return map(int, input().split())\nn, m = numbers()\nfor x in range(m): pass", Size.OUTSIDE),
        ("def f(n):\n    for x in range(n): pass\nf(int(input()))", Size.OUTSIDE),
        ("def f(n):\n    for x in range(n): pass\nf(3)", Size.UNKNOWN),
        ("import sys\nfor line in sys.stdin: pass", Size.OUTSIDE),
        ("def f(n):\n    while n: n //= 10", Size.SLOW),
        ("def f(a, b):\n    while b: a, b = b, a % b", Size.SLOW),
        ("def f(items):\n    i = 0\n    while i < len(items): i += 1", Size.LENGTH),
        ("def f(items):\n    lo, hi = 0, len(items)\n    while lo < hi:\n        mid = (lo + hi) // 2\n", Size.SLOW),
        ("def f(queue):\n    while queue:\n        queue.append(1)", Size.LENGTH),
        ("while True: pass", Size.UNKNOWN),
        ("def f(queue):\n    while len(queue): queue.pop()", Size.LENGTH),
        ("def f(queue):\n    while not queue.is_empty(): queue.take()", Size.LENGTH),
        ("def f(queue):\n    while not ready.is_set(): queue.pop()", Size.UNKNOWN),
        (
            "def f(queue):\n    while True:\n        if not queue:\n            break\n        queue.pop()",
            Size.LENGTH,
        ),
        ("for x in range(x): pass", Size.UNKNOWN),
    ],
)
def test_turns(text: str, expected: Size) -> None:
    assert sizes(text) == [expected]


@given(st.lists(st.integers(-200, 200), min_size=1, max_size=3))
def test_a_range_of_constants_has_the_turns_that_python_counts(numbers: list[int]) -> None:
    if len(numbers) == 3 and numbers[2] == 0:
        return
    count = len(range(*numbers))
    assert sizes(f"for x in range({', '.join(map(str, numbers))}): pass") == [
        Size.SMALL if count <= FEW else Size.FIXED
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for a in items:\n    for b in items: pass", 2),
        ("for i in range(len(items)):\n    for j in range(i): pass", 2),
        ("for row in rows:\n    for cell in row: pass", 1),
        ("for node in nodes:\n    for other in graph[node]: pass", 1),
        ("for _ in range(int(input())):\n    n = int(input())\n    for i in range(n): pass", 1),
        ("for a in items:\n    for b in (1, 2): pass", 1),
        ("right = 0\nfor left in items:\n    while right < len(items): right += 1", 1),
        ("for left in items:\n    right = 0\n    while right < len(items): right += 1", 2),
        ("[[0 for _ in columns] for _ in rows]", 2),
        ("[0 for row in rows for cell in row]", 1),
    ],
)
def test_loops_that_multiply(text: str, expected: int) -> None:
    costs = opened(text)
    assert len(levels(costs, costs.facts.loops[-1])) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seen = []\nfor x in items:\n    seen.append(x)\n    seen.here()", "items"),
        ("for x in items:\n    seen = []\n    seen.append(x)\n    seen.here()", None),
        (
            "for group in groups:\n    seen = []\n    for x in group:\n        seen.append(x)\n        seen.here()",
            "group",
        ),
        ("ALLOWED = ['a', 'b']\nfor x in items:\n    ALLOWED.here()", None),
        ("names = load()\ndef f(known):\n    known.here()\nfor x in items:\n    f(names)", "items"),
        ("def f(known):\n    known.here()\nfor x in items:\n    f([x])", None),
        ("def f():\n    known = []\n    known.here()\nfor x in items:\n    f()", None),
        ("known = load()\ndef f():\n    known.here()\nfor x in items:\n    f()", "items"),
        (
            "class A:\n    def f(self):\n        self.known.here()\n    def g(self):\n        for x in items: self.f()",
            "items",
        ),
        ("def f(known):\n    for x in known:\n        f(known)\n        known.here()", "known"),
    ],
)
def test_what_repeats_a_place(text: str, expected: str | None) -> None:
    costs = opened(text)
    (call,) = costs.calls["here"]
    assert isinstance(call.node.func, cst.Attribute)
    found = repeated(costs, call.node.func.value, call.loop, call.scope, call.order)
    assert (found.extent.of if found else None) == expected


def test_what_a_loop_is_at() -> None:
    costs = opened("for i, x in enumerate(items[1:]):\n    j = 0\n    while j < i:\n        j += 1")
    first, second = (visited(costs, loop) for loop in costs.facts.loops)
    assert first is not None
    assert second is not None
    assert (first.text, first.index, first.elements) == ("items", "i", frozenset({"x"}))
    assert (second.text, second.index, second.elements) == (None, "j", frozenset())


def test_names_that_hold_each_other_end() -> None:
    assert sizes("a = b\nb = a\nfor x in range(a): pass\nfor x in a: pass") == [Size.UNKNOWN, Size.LENGTH]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(kept):\n    kept.append(1)\n    if len(kept) > size: kept.pop(0)\n    kept.here()", True),
        ("def f(kept):\n    kept.append(1)\n    if len(kept) > size: del kept[0]\n    kept.here()", True),
        ("def f(kept):\n    kept = kept[-9:]\n    kept.here()", True),
        ("def f(kept):\n    kept = kept[1:]\n    kept.here()", False),
        ("def f(kept):\n    kept.append(1)\n    if kept: kept.pop(0)\n    kept.here()", False),
        ("def f(kept):\n    if len(kept) > size: del gone[0]\n    kept.here()", False),
    ],
)
def test_lists_that_are_kept_short(text: str, expected: bool) -> None:
    costs = opened(text)
    call = costs.calls["here"][0]
    assert isinstance(call.node.func, cst.Attribute)
    assert kept_short(costs, call.node.func.value, call.scope) is expected


def test_functions_that_hand_a_parameter_to_each_other_are_followed_once_each() -> None:
    """Anew for each call there would be 20 ** 8 ways."""
    names = [f"f{number}" for number in range(20)]
    calls = "".join(f"    {name}(rows)\n" for name in names)
    costs = opened("".join(f"def {name}(rows):\n{calls}\n" for name in names))
    scope = costs.functions["f0"][0]
    assert rows(costs, cst.Name("rows"), scope, 10**9) is None
    assert not is_data(costs, cst.Name("rows"), scope, 10**9)
