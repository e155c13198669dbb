"""Fixes of lists that are searched or shifted in loops: the text afterwards, and that it still gives the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from verifier import catalogue
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.model import Project, Source

RULES = [rule for rule in catalogue.load() if rule.code in {"VER502", "VER503", "VER508"}]
FILE = Path("nowhere/example.py").absolute()
QUEUE = '''"""A walk."""

def walk(graph, start):
    queue = [start]
    order = []
    while queue:
        node = queue.pop(0)
        order.append(node)
        for other in graph[node]:
            if other < 9 and len(queue) < 99:
                queue.append(other)
    return order
'''
QUEUE_AFTER = '''"""A walk."""

from collections import deque

def walk(graph, start):
    queue = deque([start])
    order = []
    while queue:
        node = queue.popleft()
        order.append(node)
        for other in graph[node]:
            if other < 9 and len(queue) < 99:
                queue.append(other)
    return order
'''
FRONT = """from collections import Counter


def backwards(items):
    found = list(items)
    for item in items:
        found.insert(0, item)
    return [each for each in found], Counter(items)
"""
FRONT_AFTER = """from collections import Counter, deque


def backwards(items):
    found = deque(items)
    for item in items:
        found.appendleft(item)
    return [each for each in found], Counter(items)
"""
KNOWN = """def fresh(records, old):
    known = [record["id"] for record in old]
    return [record for record in records if record["id"] not in known]
"""
KNOWN_AFTER = """def fresh(records, old):
    known = {record["id"] for record in old}
    return [record for record in records if record["id"] not in known]
"""
SEEN = """def first_ones(records):
    seen = []
    kept = []
    for record in records:
        if record["id"] in seen:
            continue
        seen.append(record["id"])
        kept.append(record)
    return kept
"""
SEEN_AFTER = """def first_ones(records):
    seen = set()
    kept = []
    for record in records:
        if record["id"] in seen:
            continue
        seen.add(record["id"])
        kept.append(record)
    return kept
"""
START = """def places(text: str, word: str):
    return [i for i in range(len(text)) if text[i:].startswith(word)]
"""
START_AFTER = """def places(text: str, word: str):
    return [i for i in range(len(text)) if text.startswith(word, i)]
"""
RECORDS = [{"id": 1}, {"id": 2}, {"id": 1}, {"id": 3}]


@pytest.mark.parametrize(
    ("before", "after", "call"),
    [
        (QUEUE, QUEUE_AFTER, lambda space: space["walk"]({0: [1, 2], 1: [3], 2: [3], 3: []}, 0)),
        (FRONT, FRONT_AFTER, lambda space: space["backwards"]([1, 2, 3])),
        (KNOWN, KNOWN_AFTER, lambda space: space["fresh"](RECORDS, [{"id": 2}])),
        (SEEN, SEEN_AFTER, lambda space: space["first_ones"](RECORDS)),
        (START, START_AFTER, lambda space: space["places"]("abcabc", "bc")),
    ],
    ids=["queue", "front", "known", "seen", "start"],
)
def test_a_fix_keeps_the_result(before: str, after: str, call: Any) -> None:
    assert _fixed(before) == after
    results = []
    for text in (before, after):
        space: dict[str, Any] = {}
        exec(text, space)  # verify: ignore[B102] an example that stands in this project
        results.append(call(space))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "use",
    [
        "return queue",
        "print(queue[1:])",
        "queue.sort()",
        "other(queue)",
        "queue = queue + [1]",
        "return lambda: queue",
        "print(queue == [1])",
        "print(queue.pop(1))",
    ],
)
def test_a_list_that_is_used_as_one_stays_a_list(use: str) -> None:
    text = QUEUE.replace("    return order\n", f"    {use}\n    return order\n")
    assert _fixed(text) == text


def test_a_list_of_lists_is_no_set() -> None:
    text = SEEN.replace('record["id"]', 'record["rows"]')
    assert _fixed(text) == text


def _fixed(text: str) -> str:
    examined = examine(Source("example.py", FILE, data=text.encode()), RULES, Project(FILE.parent, (3, 12)))
    assert examined.findings
    assert not examined.problems
    return apply(text.encode(), examined.findings, unsafe=True).data.decode()
