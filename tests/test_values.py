"""Values followed through marked fixtures, and constants compared with what Python computes."""

from __future__ import annotations

import re
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.semantics.positions import Positions
from verifier.stack import deep
from verifier.values import whole
from verifier.values.index import Index
from verifier.values.marks import CHECKED, SCALAR
from verifier.values.model import Taint, Value
from verifier.values.run import Step

FOLDER = Path(__file__).parent.parent / "fixtures" / "values"
HARMLESS = {CHECKED, SCALAR, "own"}


def calls(tree: cst.Module, name: str) -> list[cst.Call]:
    """The calls of a function by that name."""
    found = []
    stack: list[cst.CSTNode] = [tree]
    while stack:
        node = stack.pop()
        stack += node.children
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == name:
            found.append(node)
    return found


def reached_lines(text: str) -> set[int]:
    """The lines of the sinks that something unchecked from a source reaches."""
    tree = cst.parse_module(text)
    index = Index(tree, Positions(tree, text), text.split("\n"))
    lines: set[int] = set()

    def reached(node: cst.CSTNode, _: Value, depends: frozenset[Taint], __: tuple[Step, ...]) -> None:
        if any(each.marks.isdisjoint(HARMLESS) for each in depends):
            lines.add(index.spans[id(node)].line)

    whole.follow(
        tree,
        reached,
        watched=[call.args[0].value for call in calls(tree, "sink")],
        sources={id(call): ("outside",) for call in calls(tree, "source")},
        cleaned={id(call): ("own",) for call in calls(tree, "clean")},
    )
    return lines


@pytest.mark.parametrize("name", sorted(each.stem for each in FOLDER.glob("*.py")))
def test_marked_sinks_are_reached_and_no_others(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text("utf-8")
    marked = {number for number, line in enumerate(text.split("\n"), 1) if re.search(r"#.*\breached$", line)}
    assert reached_lines(text) == marked


def constants(text: str) -> list[object]:
    """What the last `sink(...)` of a text can be given, as far as that is known."""
    tree = cst.parse_module(text)
    found: list[object] = []

    def reached(_: cst.CSTNode, value: Value, __: frozenset[Taint], ___: tuple[Step, ...]) -> None:
        found.append(value.constants)

    whole.follow(tree, reached, watched=[call.args[0].value for call in calls(tree, "sink")], sources={}, cleaned={})
    return found


LEAVES = st.one_of(
    st.integers(-20, 20).map(str),
    st.text("ab'{}%", max_size=4).map(repr),
    st.booleans().map(str),
    st.just("None"),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions of other expressions."""
    operator = st.sampled_from(["+", "-", "*", "//", "%", "==", "!=", "<", ">", "in", "and", "or"])
    method = st.sampled_from(
        ["upper()", "strip()", "replace('a','b')", "startswith('a')", "split('a')", "find('b')", "isalpha()"]
    )
    return st.one_of(
        st.tuples(inner, operator, inner).map(lambda each: f"({each[0]} {each[1]} {each[2]})"),
        st.tuples(inner, method).map(lambda each: f"{each[0]}.{each[1]}"),
        st.tuples(inner, inner, inner).map(lambda each: f"({each[0]} if {each[1]} else {each[2]})"),
        st.tuples(inner, inner).map(lambda each: f"[{each[0]}, {each[1]}][{each[0]}]"),
        st.tuples(inner, inner).map(lambda each: f"{{'a': {each[0]}, 'b': {each[1]}}}['a']"),
        inner.map(lambda each: f"len({each})"),
        inner.map(lambda each: f"(not {each})"),
        inner.map(lambda each: f"f'x{{({each})}}'" if "'" not in each and "{" not in each else each),
        st.tuples(inner, inner).map(lambda each: f"({each[0]} % ({each[1]},))"),
        st.tuples(inner, inner).map(lambda each: f"'{{}}-{{}}'.format({each[0]}, {each[1]})"),
    )


@given(st.recursive(LEAVES, larger, max_leaves=8))
def test_a_constant_is_what_python_computes(expression: str) -> None:
    try:
        value = eval(expression)  # verify: ignore[VER4107] generated above, from literals
    except Exception:  # noqa: BLE001  # whatever it raises, nothing may be claimed of its value but by accident
        return
    for found in constants(f"sink({expression})\n"):
        if found is not None:
            assert any(type(each) is type(value) and each == value for each in found), (expression, value, found)  # type: ignore[attr-defined]  # a tuple


STATEMENTS = st.lists(
    st.sampled_from(
        [
            "a.append('x')",
            "a.append(b)",
            "a.insert(0, 'y')",
            "a = a + ['z']",
            "b = a[0]",
            "b = a[-1]",
            "b = a.pop()",
            "b += 'w'",
            "c['k'] = b",
            "b = c.get('k', 'none')",
            "c = {'k': a[0]}",
            "c.update(k='u')",
            "a.reverse()",
            "a.extend(['p', 'q'])",
            "if len(b) > 2:\n    b = 'long'",
            "if b == 'x':\n    a = ['new']\nelse:\n    c['k'] = 'other'",
            "for each in a:\n    b = each",
            "for each in ('m', 'n'):\n    a.append(each)",
            "while len(a) < 3:\n    a.append('grown')",
            "try:\n    b = c['k']\nexcept KeyError:\n    b = 'missing'",
            "d = a\nd.append('alias')",
            "b = [each.upper() for each in a][0]",
            "b = helper(b)",
            "del a[0]",
        ]
    ),
    max_size=9,
)


@given(STATEMENTS, st.sampled_from(["b", "a[0]", "a[-1]", "c['k']", "len(a)"]))
def test_a_constant_is_what_a_run_gives(statements: list[str], result: str) -> None:
    lines = ["def helper(text):", "    if text == 'x':", "        return 'was x'", "    return text"]
    program = "\n".join([*lines, "a = ['first']", "b = 'start'", "c = {}", *statements])
    names: dict[str, object] = {}
    try:
        exec(program, names)  # verify: ignore[B102] generated above
        value = eval(result, names)  # verify: ignore[B307] see above
    except (LookupError, AttributeError):
        return
    found = constants(f"{program}\nsink({result})\n")
    assert found, "the end is reached"
    for each in found:
        if each is not None:
            assert value in each, (program, result, value, each)  # type: ignore[operator]  # a tuple


def test_deep_nesting_is_followed() -> None:
    text = "x = source()\nsink(" + "(" * 500 + "x" + ")" * 500 + ")\nsink(x" + ".strip()" * 400 + ")\n"
    assert deep(lambda: reached_lines(text), "test") == {2, 3}


def test_a_file_that_is_too_much_is_left_and_not_said_to_be_whole() -> None:
    body = "    if x:\n        f{0}(x + 'a')\n    f{0}(x + 'b')\n    f{0}(x)\n"
    calls_of_calls = "\n".join(f"def f{number}(x):\n{body.format(number + 1)}" for number in range(40))
    loops = "\n".join(f"{'    ' * depth}for a{depth} in x:" for depth in range(1, 14))
    text = f"{calls_of_calls}\ndef g(x):\n{loops}\n{'    ' * 14}f0(a1)\n"
    tree = cst.parse_module(text)
    assert whole.follow(tree, lambda *_: None, watched=[], sources={}, cleaned={}) is False
    assert whole.follow(cst.parse_module("x = 1\n"), lambda *_: None, watched=[], sources={}, cleaned={}) is True
