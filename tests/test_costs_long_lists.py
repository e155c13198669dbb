"""What the cost model says of lists: how long they get, what keeps them short, whose they are over many calls."""

from __future__ import annotations

import libcst as cst
import pytest

from verifier import catalogue
from verifier.costs.extents import turns
from verifier.costs.model import Costs, Size
from verifier.costs.natures import few_by_nature
from verifier.costs.objects.filling import filled
from verifier.costs.objects.windows import bounded, exchanged
from verifier.costs.opening import open_costs
from verifier.costs.repeats import repeated
from verifier.semantics.infer import Inference
from verifier.semantics.model import Call
from verifier.semantics.walk import read


def opened(text: str) -> Costs:
    facts = read(cst.parse_module(text), "example.py", (3, 12))
    return open_costs(facts, Inference(facts, catalogue.table("semantics/returns")["returns"]))


def receiver(call: Call) -> cst.BaseExpression:
    assert isinstance(call.node.func, cst.Attribute)
    return call.node.func.value


@pytest.mark.parametrize(
    ("loops", "expected"),
    [
        ("for x in items:\n        found.append(x)", Size.LENGTH),
        ("for x in range(n):\n        found.append(x)", Size.UNKNOWN),
        ("for x in (1, 2):\n        found.append(x)", Size.SMALL),
        ("for x in (1, 2):\n        found.extend(items)", Size.LENGTH),
        ("found.append(n)", Size.SMALL),
    ],
)
def test_how_long_a_list_gets(loops: str, expected: Size) -> None:
    costs = opened(f"def f(items, n):\n    found = []\n    {loops}\n    print(found)\n")
    extent = filled(costs, cst.Name("found"), costs.calls["print"][0].scope, costs.calls["print"][0].order)
    assert extent is not None
    assert extent.size is expected


def test_a_list_that_comes_from_elsewhere_is_filled_elsewhere_too() -> None:
    costs = opened("def f(found):\n    found.append(1)\n    print(found)\n")
    call = costs.calls["print"][0]
    assert filled(costs, cst.Name("found"), call.scope, call.order) is None


def test_a_loop_takes_as_many_turns_as_a_list_has_elements_to_take() -> None:
    costs = opened("def f(jobs):\n    while jobs:\n        jobs.pop()\n")
    assert turns(costs, costs.facts.loops[0]).size is Size.LENGTH


def test_the_loop_that_grows_is_the_one_to_name() -> None:
    costs = opened(
        "def f(items, found, n):\n    for _ in range(n):\n        for x in items:\n            found.index(x)\n"
    )
    call = costs.calls["index"][0]
    repeat = repeated(costs, receiver(call), call.loop, call.scope, call.order)
    assert repeat is not None
    assert repeat.extent.text == "len(items)"


SHELF = """
class Shelf:
    def __init__(self):
        self.books = []

    def find(self, book):
        return self.books.index(book)


def one(books):
    shelf = Shelf()
    for book in books:
        print({one})


def many(books):
    for book in books:
        shelf = Shelf()
        print({many})
"""


@pytest.mark.parametrize(
    ("one", "many", "expected"), [("shelf.find(book)", "1", True), ("1", "shelf.find(book)", False)]
)
def test_an_object_is_asked_again_only_where_it_outlives_the_loop(one: str, many: str, expected: bool) -> None:
    costs = opened(SHELF.replace("{one}", one).replace("{many}", many))
    call = costs.calls["index"][0]
    repeat = repeated(costs, receiver(call), call.loop, call.scope, call.order)
    assert (repeat is not None) is expected


def test_the_attribute_of_a_loop_variable_is_another_object_each_turn() -> None:
    costs = opened("def f(nodes, x):\n    for node in nodes:\n        node.children.remove(x)\n")
    call = costs.calls["remove"][0]
    assert repeated(costs, receiver(call), call.loop, call.scope, call.order) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("recent.append(x)\n        if len(recent) > size:\n            recent.pop(0)", True),
        ("recent.append(x)\n        recent.pop(0)", True),
        ("recent.append(recent.pop(0))", False),
        ("recent.pop(0)", False),
        ("while len(recent) > 1:\n            recent.pop(0)", False),
        ("while len(recent) > 100:\n            recent.pop(0)", True),
    ],
)
def test_a_list_that_is_kept_short(body: str, expected: bool) -> None:
    costs = opened(f"def f(items, recent, size):\n    for x in items:\n        {body}\n")
    call = costs.calls["pop"][0]
    short = bounded(costs, "recent", call.scope, call.branch, call.loop) or exchanged(
        costs, "recent", call.scope, call.node, call.branch, call.loop
    )
    assert short is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("df.columns", True),
        ("allowed_types", True),
        ("ALLOWED", True),
        ("vars(config)", True),
        ("featureNames", True),
        ("orders", False),
        ("seen_ids", False),
        ("classified", False),
        ("x", False),
    ],
)
def test_what_is_few_by_its_nature(text: str, expected: bool) -> None:
    assert few_by_nature(text) is expected
