"""The words of a deprecation: what a message says, since when, and what to use instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache

ASKED = "<asked>"
"""What stands in the words of a `__getattr__` for the name that it is asked for."""
_LIMIT = 300
_DEEPEST = 12
_GAPS = re.compile(r"…(?:[\s.,'\"`]?…)+")
_SINCE = re.compile(
    r"(?:^since\s+|\bdeprecated\b(?:(?!remov|\bwill\b|\.\s|;).){0,60}?"
    r"(?:\b(?:since|in|from|as of|starting (?:with|from|in))\s+|:?\s+))"
    r"(?:the\s+)?(?:version\s+)?(?:[A-Za-z][\w-]*\s+)??(?:version\s+)?v?(\d+(?:\.\d+)+)",
    re.IGNORECASE,
)
_USE = r"(?:use|switch to|replaced by|renamed(?: to)?|in favou?r of|superseded by|migrate to|call|prefer)"
_INSTEAD = re.compile(
    rf"\b{_USE}\s+(?:the\s+|of\s+|instead\s+)?(?:(?:function|method|class|new|parameter|property|argument)\s+)?"
    r"(?:`{1,2}([^`…]+)`{1,2}|'([\w.]+(?:\([^')]*\))?)'|([A-Za-z_][\w]*(?:\.\w+)+(?:\([^()]*\))?|[A-Za-z_]\w*(?:_\w+|\(\))))",
    re.IGNORECASE,
)
_ROLE = re.compile(r":[a-z:]+:`~?\.?([^`<]+?)(?:\s*<[^>]*>)?`")
_ONLY_ROLE = re.compile(r"^:\w+:`[^`]+`$")
_FIELD = re.compile(r"%\(\w+\)[srd]")
_VERSION = re.compile(r"^v?\d+(?:\.\d+)*(?:\.?(?:dev|rc|a|b|post)\d*)?$")
_PLAIN = frozenset({"dedent", "cleandoc", "strip", "lstrip", "rstrip", "format"})


def text(node: ast.expr, known: Mapping[str, ast.expr | str] | None = None, depth: int = 0) -> str:
    """The literal text of a message, what is put into it as an ellipsis; `known` are local names."""
    if depth > _DEEPEST:
        return ""
    match node:
        case ast.Constant(value=str(found)):
            return found
        case ast.JoinedStr(values=parts):
            return "".join(text(part, known, depth + 1) for part in parts)
        case ast.FormattedValue(value=value):
            return text(value, known, depth + 1) or "…"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text(left, known, depth + 1) + text(right, known, depth + 1)
        case ast.BinOp(left=left, op=ast.Mod()):
            return re.sub(r"%(?:\(\w+\))?[srd]", "…", text(left, known, depth + 1))
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(joint)), attr="join"), args=[ast.List() as listed]
        ):
            return joint.join(text(each, known, depth + 1) for each in listed.elts)
        case ast.Call(func=ast.Attribute(value=ast.expr() as inner, attr=attr), args=args) if attr in _PLAIN:
            found = text(args[0] if attr in {"dedent", "cleandoc"} and args else inner, known, depth + 1)
            return re.sub(r"\{[^{}]*\}", "…", found) if attr == "format" else found
        case ast.Call(func=ast.Name(id="dedent" | "cleandoc"), args=[inner]):
            return text(inner, known, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name.endswith("Warning"):
            return text(inner, known, depth + 1)
        case ast.Name(id=name) if known and name in known:
            local = known[name]
            return local if isinstance(local, str) else text(local, known, depth + 1)
        case _:
            return ""


def one_line(words: str) -> str:
    """A message without line breaks, not too long."""
    return _GAPS.sub("…", " ".join(words.split()))[:_LIMIT]


def is_version(words: str) -> bool:
    """Whether a text is a version and nothing else."""
    return _VERSION.match(words) is not None


@cache
def since(message: str) -> str | None:
    """The version in which a message says that the deprecation began."""
    found = _SINCE.search(message)
    return found[1] if found else None


@cache
def replacement(message: str) -> str | None:
    """What a message says to use instead."""
    found = _INSTEAD.search(_ROLE.sub(r"`\1`", message))
    return next((each.strip() for each in found.groups() if each), None) if found else None


def composed(message: str, *, since: str = "", replacement: str = "", removal: str = "") -> str:
    """A message together with what was said apart from it."""
    message = _FIELD.sub(
        "…", message.replace("%(since)s", since or "…").replace("%(removal)s", removal or "a later version")
    )
    message = "" if _ONLY_ROLE.match(message.strip()) else message
    parts = [message.strip().rstrip(".")] if message.strip() else []
    if since and since not in message:
        parts.insert(0, f"since {since}")
    if replacement and replacement not in message:
        bare = re.fullmatch(r"[\w.()]+", replacement) is not None
        sentence = " " in replacement and replacement[:1].isupper()
        parts.append(f"use `{replacement}`" if bare else replacement if sentence else f"use {replacement}")
    if removal and removal not in message:
        parts.append(f"will be removed in {removal}")
    return one_line("; ".join(parts))
