"""The class of a parameter as a docstring says it: `:type items: List[int]`."""

from __future__ import annotations

import re

import libcst as cst

from verifier.costs.kinds import LIST, TEXT

_TYPE = r"^[ \t]*:type {name}:[ \t]*(\w+)"
_CLASSES = {"list": LIST, "List": LIST, "str": TEXT, "string": TEXT, "String": TEXT}


def documented(node: cst.FunctionDef, name: str) -> frozenset[str]:
    """The class that a function's docstring gives for a parameter in Sphinx's form; none where it says nothing.

    Source: https://www.sphinx-doc.org/en/master/usage/domains/python.html#info-field-lists
    """
    text = node.get_docstring(clean=False)
    match = re.search(_TYPE.format(name=re.escape(name)), text, re.MULTILINE) if text else None
    known = _CLASSES.get(match.group(1)) if match else None
    return frozenset({known}) if known else frozenset()
