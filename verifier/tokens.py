"""A cheap scan of Python text into strings, comments, brackets and operators, for what needs no tree."""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"""
    (?P<string>[rRbBuUfFtT]{0,2}(?:'''(?:[^\\']|\\.|'(?!''))*'''|\"\"\"(?:[^\\"]|\\.|"(?!""))*\"\"\"
        |'(?:[^\\'\n]|\\.)*'|"(?:[^\\"\n]|\\.)*"))
    |(?P<comment>\#[^\r\n]*)
    |(?P<line>\n[ \t\f]*)
    |(?P<open>[\[({])
    |(?P<close>[\])}])
    |(?P<comma>[,;])
    |(?P<word>[^\W\d]\w*)
    |(?P<number>\d\w*)
    |(?P<operator>[-+*/%@&|^~.]|<<|>>)
    """,
    re.VERBOSE | re.DOTALL,
)


def comments(text: str) -> Iterator[re.Match[str]]:
    """Every comment of a text, in order; a `#` inside a string is none."""
    return (match for match in TOKEN.finditer(text) if match.lastgroup == "comment")
