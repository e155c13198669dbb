"""The fixes of rules about resources: what they write, and that the code still does what it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier import catalogue
from verifier.examine import examine
from verifier.fixing.applying import apply
from verifier.model import Project, Source

RULES = [rule for rule in catalogue.load() if rule.code in {"VER527", "VER531", "VER532", "VER533"}]
FILE = Path("nowhere/example.py").absolute()


def fixed(text: str) -> str:
    """The text after one round of all fixes."""
    data = text.encode()
    examined = examine(Source("example.py", FILE, data=data), RULES, Project(Path("nowhere").absolute(), (3, 12)))
    assert not examined.problems
    return apply(data, examined.findings, unsafe=True).data.decode()


CASES = {
    "hoisted": (
        """import re


def numbers(lines):
    found = []
    for line in lines:
        pattern = re.compile("[0-9]+")  # digits
        found.extend(pattern.findall(line))
    return found


RESULT = numbers(["a1", "b22"])
""",
        """import re


def numbers(lines):
    found = []
    pattern = re.compile("[0-9]+")  # digits
    for line in lines:
        found.extend(pattern.findall(line))
    return found


RESULT = numbers(["a1", "b22"])
""",
    ),
    "slept": (
        """import time


async def wait():
    time.sleep(0)
    return 1


coroutine = wait()
try:
    coroutine.send(None)
    coroutine.send(None)
except StopIteration as end:
    RESULT = end.value
""",
        """import time
import asyncio


async def wait():
    await asyncio.sleep(0)
    return 1


coroutine = wait()
try:
    coroutine.send(None)
    coroutine.send(None)
except StopIteration as end:
    RESULT = end.value
""",
    ),
    "first line": (
        """def header(path):
    with open(path) as file:
        return file.readlines()[0]


RESULT = header(PATH)
""",
        """def header(path):
    with open(path) as file:
        return next(file)


RESULT = header(PATH)
""",
    ),
    "counted": (
        """def count(path):
    with open(path) as file:
        return len(file.readlines())


RESULT = count(PATH)
""",
        """def count(path):
    with open(path) as file:
        return sum(1 for _ in file)


RESULT = count(PATH)
""",
    ),
    "one pass": (
        """def total(path):
    with open(path) as file:
        return [line.strip() for line in file.readlines()]


RESULT = total(PATH)
""",
        """def total(path):
    with open(path) as file:
        return [line.strip() for line in file]


RESULT = total(PATH)
""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fix_writes_the_same_program(name: str, tmp_path: Path) -> None:
    before, after = CASES[name]
    assert fixed(before) == after
    assert fixed(after) == after
    path = tmp_path / "lines.txt"
    path.write_text("one\ntwo\n", encoding="utf-8")
    results = []
    for text in (before, after):
        space: dict[str, object] = {"PATH": path}
        exec(text, space)  # verify: ignore[B102] an example that stands in this project
        results.append(space["RESULT"])
    assert results[0] == results[1]


NOT_MOVED = {
    "the only line": "import re\nfor line in open('x'):\n    pattern = re.compile('a')\n",
    "bound twice": (
        "import re\npattern = None\nfor line in open('x'):\n    pattern = re.compile('a')\n    print(line)\n"
    ),
    "in a condition": (
        "import re\nfor line in open('x'):\n    if line:\n        pattern = re.compile('a')\n        print(line)\n"
    ),
    "two lines": "import re\nfor line in open('x'):\n    pattern = re.compile(\n        'a')\n    print(line)\n",
}


@pytest.mark.parametrize("name", NOT_MOVED)
def test_what_may_not_move_stays(name: str) -> None:
    assert fixed(NOT_MOVED[name]) == NOT_MOVED[name]


@pytest.mark.parametrize(
    "body",
    [
        "either = '|'.join(map(re.escape, words))\n        pattern = re.compile(either)\n",
        "for word in words:\n            pattern = re.compile(re.escape(word))\n            print(word)\n",
    ],
)
def test_a_line_that_reads_what_its_loop_binds_is_not_moved(body: str) -> None:
    text = (
        f"import re\n\n\ndef found(lines, words):\n    for line in lines:\n        {body}        print(pattern, line)\n"
    )
    data = text.encode()
    examined = examine(Source("example.py", FILE, data=data), RULES, Project(Path("nowhere").absolute(), (3, 12)))
    assert [each.code for each in examined.findings] == ["VER527"]
    assert fixed(text) == text
