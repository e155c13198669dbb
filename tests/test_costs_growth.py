"""Growth and repetition: what a loop leaves as it is, and fixes of copies, applied and run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import catalogue
from verifier.costs.model import Costs
from verifier.costs.objects.changes import invariant
from verifier.costs.opening import open_costs
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.model import Project, Source
from verifier.semantics.infer import Inference
from verifier.semantics.walk import read

CODES = {"VER504", "VER509", "VER510", "VER513"}
RULES = [rule for rule in catalogue.load() if rule.code in CODES]
FILE = Path("nowhere/example.py").absolute()


def fixed(text: str) -> str:
    """A text after the fixes of one round."""
    data = text.encode()
    found = examine(Source("example.py", FILE, data=data), RULES, Project(FILE.parent, (3, 12))).findings
    return apply(data, found, unsafe=True).data.decode()


def run(text: str) -> Callable[..., Any]:
    """The function `f` of a text of ours."""
    space: dict[str, Any] = {}
    exec(compile(text, "example", "exec"), space)  # verify: ignore[B102] an example that stands in this project
    function: Callable[..., Any] = space["f"]
    return function


def must_agree(before: str, after: str, inputs: st.SearchStrategy[Any]) -> None:
    """The function of a text gives the same before and after a fix."""
    one, two = run(before), run(after)

    @given(inputs)
    def agree(given_: Any) -> None:
        assert one(given_) == two(given_)

    agree()


WORDS = st.lists(st.text(max_size=3), max_size=5)
JOINED = [
    ("text = ''", "text += word + ','", "return text"),
    ("text = '<'", "text = text + word", "return text + '>'"),
    ("text = ''", "text = text + word + ', ' + word", "return text"),
    ("text = '.'", "text = word + text", "return text"),
    ("text = 'a' 'b'", "text += word", "return text"),
    ("text = ''", "text = f'{text}{word}!'", "return text"),
    ("text = ''", "if word: text += word", "return text"),
    ("text = ''", "if word:\n            text += word\n        else:\n            text += '-'", "return text"),
]


@pytest.mark.parametrize(("begin", "step", "end"), JOINED)
def test_a_joined_string_is_the_same(begin: str, step: str, end: str) -> None:
    before = f"def f(words):\n    {begin}\n    for word in words:\n        {step}\n    {end}\n"
    after = fixed(before)
    must_agree(before, after, WORDS)


@pytest.mark.parametrize(
    ("begin", "step", "end"), [each for each in JOINED if "if word: " not in each[1] and "' '" not in each[0]]
)
def test_a_string_is_joined_once(begin: str, step: str, end: str) -> None:
    after = fixed(f"def f(words):\n    {begin}\n    for word in words:\n        {step}\n    {end}\n")
    assert ".join(" in after
    assert "+=" not in after


LOOP = "    text = ''\n    for word in words:\n        text += word\n"


@pytest.mark.parametrize(
    "text",
    [
        f"def f(words):\n{LOOP}        print(text)\n",
        f"def f(words):\n{LOOP}        text = '(' + text\n    return text\n",
        f"def f(words):\n    def g():\n        return text\n{LOOP}",
        f"def f(words, text_parts):\n{LOOP}    return text\n",
        f"def f(words):\n{LOOP}    else:\n        print(text)\n",
        "def f(words):\n    for word in words:\n        text = word\n        for sign in word: text += sign\n",
        "def f(words):\n    text = ''\n    while len(text) < len(words):\n        text += 'a'\n    return text\n",
    ],
)
def test_a_string_that_is_needed_whole_is_left(text: str) -> None:
    assert fixed(text) == text


CONTAINERS = [
    ("found = []", "found = found + [word]", "found.append(word)"),
    ("found = []", "found = [*found, word]", "found.append(word)"),
    ("found = []", "found = found + [word, word]", "found += [word, word]"),
    ("found = {}", "found = {**found, word: 1}", "found[word] = 1"),
    ("found = set()", "found = found | {word}", "found |= {word}"),
    ("found = set()", "found = {*found, word}", "found.add(word)"),
]


@pytest.mark.parametrize(("begin", "step", "instead"), CONTAINERS)
def test_a_container_is_extended_in_place(begin: str, step: str, instead: str) -> None:
    before = f"def f(words):\n    {begin}\n    for word in words:\n        {step}\n    return found\n"
    after = fixed(before)
    assert after == before.replace(step, instead)
    must_agree(before, after, WORDS)


GROWN = "    for word in words:\n        found = found + [word]\n"


@pytest.mark.parametrize(
    "text",
    [
        f"def f(words, found):\n    found = found or []\n{GROWN}    return found\n",
        f"def f(words):\n    found = []\n    first = found\n{GROWN}    return first\n",
        f"def f(words, keep):\n    found = []\n    keep(found)\n{GROWN}",
    ],
)
def test_a_container_that_others_may_hold_is_left(text: str) -> None:
    assert fixed(text) == text


@pytest.mark.parametrize(
    ("expression", "instead"),
    [
        ("sum(groups, [])", "list(itertools.chain.from_iterable(groups))"),
        ("sum((each for each in groups), [])", "list(itertools.chain.from_iterable(each for each in groups))"),
        (
            "sum([tuple(each) for each in groups], ())",
            "tuple(itertools.chain.from_iterable([tuple(each) for each in groups]))",
        ),
        ("sorted(groups + [[]])[0]", "min(groups + [[]])"),
        ("sorted(groups + [[]], key=len, reverse=True)[0]", "max(groups + [[]], key=len)"),
        ("sorted(groups, reverse=True)[:3]", "heapq.nlargest(3, groups)"),
        ("sorted(groups, key=len)[:3]", "heapq.nsmallest(3, groups, key=len)"),
    ],
)
def test_one_pass_gives_the_same(expression: str, instead: str) -> None:
    before = f"import heapq\nimport itertools\n\n\ndef f(groups):\n    return {expression}\n"
    after = fixed(before)
    assert after == before.replace(expression, instead)
    must_agree(before, after, st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=5))


def opened(text: str) -> Costs:
    facts = read(cst.parse_module(text), "example.py", (3, 12))
    return open_costs(facts, Inference(facts, catalogue.table("semantics/returns")["returns"]))


@pytest.mark.parametrize(
    ("body", "same"),
    [
        ("print(max(x))", True),
        ("y.append(x)", True),
        ("print(x[0], len(x), sorted(x))", True),
        ("z = [each for each in x]\n  z.append(1)", True),
        ("reads(x)", True),
        ("x.append(1)", False),
        ("x[0] = 1", False),
        ("x += [1]", False),
        ("del x[0]", False),
        ("x = []", False),
        ("z = x\n  z.append(1)", False),
        ("unknown(x)", False),
        ("adds(x)", False),
        ("adds(y or x)", False),
        ("for each in x: each.go()", True),
        ("(x := [1])", False),
        ("x, y = y, x", False),
        ("with open('f') as x: pass", False),
    ],
)
def test_what_changes_in_a_loop(body: str, same: bool) -> None:
    text = f"def reads(a):\n for b in a: print(b)\ndef adds(a):\n a.append(1)\ndef f(x, y):\n for i in y:\n  {body}\n"
    costs = opened(text)
    loop = next(each for each in costs.facts.loops if each.scope.name == "f")
    assert invariant(costs, cst.parse_expression("max(x)"), loop.scope, loop) is same


@pytest.mark.parametrize(
    ("body", "same"),
    [("for each in x: each.n += 1", False), ("for each in x: each.go()", False), ("print(x[0].n)", True)],
)
def test_elements_count_where_they_are_read(body: str, same: bool) -> None:
    costs = opened(f"def f(x, y):\n for i in y:\n  {body}\n")
    expression = cst.parse_expression("max(each.n for each in x)")
    loop = costs.facts.loops[0]
    assert invariant(costs, expression, loop.scope, loop) is same


def test_a_method_counts_for_what_it_does() -> None:
    text = (
        "class A:\n def reads(self): return len(self.x)\n"
        " def adds(self): self.x.append(1)\n def other(self): self.y = 1\n"
        " def f(self, y):\n  for i in y: self.reads()\n  for i in y: self.adds()\n  for i in y: self.other()\n"
    )
    costs = opened(text)
    expression = cst.parse_expression("max(self.x)")
    assert [invariant(costs, expression, each.scope, each) for each in costs.facts.loops] == [True, False, False]
