"""What a file's strings may name: annotations, `__all__`, targets of `patch`, code for `eval`; prose names nothing."""

from __future__ import annotations

import re

import libcst as cst

from verifier.checks.registry import Parsed, symbols
from verifier.checks.rewrites.common import Unfixable
from verifier.semantics.fields import descend

_PROSE = re.compile(r"\w\s+[\w%{]|\}\s+\w|[:;!?](?:\s|$)|\.\s|\.\.\.|[=<>/!?#$;]")
"""What no annotation, dotted path or list of names has: two words beside each other, a colon before a blank."""
_ESCAPED_BLANK = re.compile(r"\\[nrt]")
_WORD = re.compile(r"[^\W\d]\w*")
_TYPE_COMMENT = re.compile(r"#\s*type:([^\r\n]*)")
_RUNS_STRINGS = frozenset({"eval", "exec", "compile", "globals", "locals", "vars", "timeit", "Timer"})
"""What may take any string for code, or its words for names of the file."""


def must_be_unspoken(parsed: Parsed, name: str) -> None:
    """Raise Unfixable where a string that is neither a docstring nor prose has the name as a word."""
    memo = symbols(parsed).world.memo
    key = ("words", parsed.source.path)
    if key not in memo:
        memo[key] = _words(parsed)
    words: frozenset[str] = memo[key]
    if name in words:
        raise Unfixable(f"a string or a type comment names {name}")


def _words(parsed: Parsed) -> frozenset[str]:
    tree, facts = parsed.facts.tree, parsed.facts
    docs = {
        id(each.value)
        for each in descend(tree)
        if isinstance(each, cst.Expr) and isinstance(each.value, cst.SimpleString)
    }
    exports = (each.value for each in facts.module.bindings.get("__all__", ()) if each.value is not None)
    exported = {id(each) for value in exports for each in descend(value)}
    runs = any(isinstance(each.node, cst.Name) and each.node.value in _RUNS_STRINGS for each in facts.names)
    words = {word for comment in _TYPE_COMMENT.findall(parsed.text) for word in _WORD.findall(comment)}
    for each in descend(tree):
        if not isinstance(each, cst.SimpleString | cst.FormattedStringText) or id(each) in docs:
            continue
        if runs or id(each) in exported or not _is_prose(each):
            words.update(_WORD.findall(each.value))
    return frozenset(words)


def _is_prose(node: cst.SimpleString | cst.FormattedStringText) -> bool:
    """Whether a text is for people; a piece of an f-string also where a blank parts it from what is filled in."""
    text = node.raw_value if isinstance(node, cst.SimpleString) else node.value
    text = _ESCAPED_BLANK.sub(" ", text)
    apart = isinstance(node, cst.FormattedStringText) and text != text.strip()
    return apart or _PROSE.search(text) is not None
