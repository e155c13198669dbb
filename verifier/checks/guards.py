"""Which code runs only when a name is there, or only for another version: what is written for its absence."""

from __future__ import annotations

import re

import libcst as cst

from verifier.checks.registry import Parsed, symbols
from verifier.semantics.guards import SWALLOWING, dotted
from verifier.semantics.model import Branch, BranchKind

_ABOUT_PRESENCE = re.compile(r"(?i:hasattr|version|platform|implementation|pypy|jython)|\b_*[A-Z][A-Z_]*\d[A-Z\d_]*\b")
"""Words of a test for what is there; a constant with a number in its name (`PY38`, `NUMPY_2`) tells of a version."""
_ABSENCES = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "TypeError"})


def guarded(branch: Branch | None, *, by_class: bool = True) -> bool:
    """Whether code runs only when the name is there, or only for another version; `by_class`: or for another class."""
    while branch is not None:
        if branch.unreachable or branch.optional:
            return True
        if branch.kind is BranchKind.TRY and isinstance(branch.node, cst.Try) and expects_absence(branch.node):
            return True
        if branch.kind is BranchKind.TRY and isinstance(branch.node, cst.With) and _expects_failure(branch.node):
            return True
        if branch.kind is BranchKind.EXCEPT and isinstance(branch.node, cst.ExceptHandler) and _takes(branch.node):
            return True
        if branch.test is not None:
            text = cst.Module([]).code_for_node(branch.test)
            if (by_class and "isinstance" in text) or _ABOUT_PRESENCE.search(text):
                return True
        branch = branch.parent
    return False


def chosen(parsed: Parsed, node: cst.CSTNode) -> bool:
    """Whether an expression takes a node, or what else there is, by what the version has: `new if NUMPY_2 else old`."""
    memo = symbols(parsed).world.memo
    key = ("choices", id(parsed.facts))
    if key not in memo:
        choices = _Choices()
        parsed.facts.tree.visit(choices)
        memo[key] = choices.found
    found: set[int] = memo[key]
    return id(node) in found


class _Choices(cst.CSTVisitor):
    """All nodes in conditional expressions that ask for a version, and in `getattr(…) or …`, by their identity."""

    def __init__(self) -> None:
        self.found: set[int] = set()
        self._asking: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Note a node that stands in a choice, and a choice itself."""
        if self._asking:
            self.found.add(id(node))
        match node:
            case cst.IfExp(test=test) if _ABOUT_PRESENCE.search(cst.Module([]).code_for_node(test)):
                self._asking.append(node)
            case cst.BooleanOperation(left=cst.Call(func=cst.Name(value="getattr"))):
                self._asking.append(node)
            case _:
                pass
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Leave a choice."""
        if self._asking and self._asking[-1] is original_node:
            self._asking.pop()


def expects_absence(node: cst.Try) -> bool:
    """Whether a `try` catches AttributeError, ImportError or TypeError by name: it expects the API to be gone."""
    return any(_takes(handler) for handler in node.handlers)


def _takes(handler: cst.ExceptHandler) -> bool:
    """Whether a handler takes such an exception: what it does is for versions without the API."""
    kind = handler.type
    names = [kind] if isinstance(kind, cst.Name) else [each.value for each in getattr(kind, "elements", ())]
    return any(isinstance(each, cst.Name) and each.value in _ABSENCES for each in names)


def _expects_failure(node: cst.With) -> bool:
    """Whether a `with` takes such an exception: `suppress`, `pytest.raises`, `assertRaises`."""
    for each in node.items:
        if isinstance(each.item, cst.Call) and (dotted(each.item.func) or "").rpartition(".")[2] in SWALLOWING:
            names = {(dotted(arg.value) or "").rpartition(".")[2] for arg in each.item.args}
            names |= {
                (dotted(one.value) or "")
                for arg in each.item.args
                if isinstance(arg.value, cst.Tuple)
                for one in arg.value.elements
            }
            if names & {*_ABSENCES, "Exception", "BaseException"}:
                return True
    return False
