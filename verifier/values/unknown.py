"""Calls of what the file does not define: what goes in may come out, with marks of what the name says."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from verifier.values.following import Arguments, follow
from verifier.values.marks import CALLED, CHECKED, LOOKED_UP
from verifier.values.model import (
    UNKNOWN,
    Function,
    Value,
    marked,
    tainted,
)
from verifier.values.run import Run
from verifier.values.state import State

_LOOKING = re.compile(
    r"^(?!get_\w*(json|data|query|argument|arguments|param|params|parameter|parameters|header|headers|cookie|cookies|value"
    r"|values|body|form|input|text)$|(make|create)_response$)"
    r"((get|find|fetch|load|lookup|look_up|query|search|select|create|make|save|insert|update|delete|count|authenticate)_\w+"
    r"|execute|executemany|fetchone|fetchall|fetchmany|scalar|scalars|filter|filter_by|open|urlopen|query|find_one)$"
)
"""Functions that answer with something else than what they are asked with."""


_STORES = re.compile(r"(?i)(^|_)(db|session|repo|repository|cache|dao|cursor|conn|connection|redis|objects)$")
"""Things that are asked, whatever the method is called."""


CLEANING = re.compile(r"(?i)(^|_)(sanit|escape|clean|get_safe_|make_safe|purify)")
"""Names of functions that clean what they get."""


_KNOWN = frozenset(
    [
        "html",
        "markupsafe",
        "urllib",
        "shlex",
        "re",
        "xml",
        "django",
        "flask",
        "werkzeug",
        "cgi",
        "bleach",
        "ldap",
        "ldap3",
        "jinja2",
        "json",
        "yaml",
        "pipes",
        "string",
    ]
)
"""Modules whose functions the rules name themselves where they clean."""


def unknown(run: Run, state: State, node: cst.Call, path: str, given: Sequence[Value], args: Arguments) -> Value:
    """A call of something that the file does not define: what goes in may come out."""
    _handed_over(run, state, node, args)
    name, module = path.rpartition(".")[2], path.partition(".")[0]
    taints = frozenset(taint for each in given for taint in state.depends(each))
    if not taints:
        return UNKNOWN
    found = tainted(taints)
    if _LOOKING.search(name) or _STORES.search(_last_of_receiver(node)):
        found = marked(found, LOOKED_UP)
    if CLEANING.search(name) and module not in _KNOWN:
        found = marked(found, CHECKED)
    if isinstance(node.func, cst.Name) and f"builtins.{name}" != path:
        found = marked(found, CALLED)
    return found


def _last_of_receiver(node: cst.Call) -> str:
    """The last name of what a method is called on."""
    receiver = node.func.value if isinstance(node.func, cst.Attribute) else None
    if isinstance(receiver, cst.Attribute):
        return receiver.attr.value
    return receiver.value if isinstance(receiver, cst.Name) else ""


def _handed_over(run: Run, state: State, node: cst.Call, args: Arguments) -> None:
    """Functions of the file that are handed over are called with what stands behind them (`submit(run, text)`)."""
    for number, each in enumerate(args.positions):
        if isinstance(each.reference, Function):
            follow(run, state.copy(), node, each.reference, Arguments(args.positions[number + 1 :], {}))
            return
    target = args.words.get("target")
    if target is not None and isinstance(target.reference, Function):
        given = state.contents(args.words.get("args", UNKNOWN))
        positions = [given.items[key] for key in sorted(given.items)] if given and given.exact else []
        follow(run, state.copy(), node, target.reference, Arguments(positions, {}))
