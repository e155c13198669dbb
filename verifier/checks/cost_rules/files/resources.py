"""Connections, clients, models and files that are opened again although nothing in them changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import libcst as cst

from verifier import catalogue
from verifier.checks.cost_rules.files.appending import appended
from verifier.checks.cost_rules.files.places import called, request_handler
from verifier.checks.cost_rules.grading import in_tests
from verifier.checks.cost_rules.reporting import CostRules, costly
from verifier.checks.registry import Parsed, code_of, finding
from verifier.costs.files import opening
from verifier.costs.loops.standing import again
from verifier.costs.model import Costs, Repeat
from verifier.costs.objects.keeping import Held, handed_on, held, kept
from verifier.costs.objects.settled import Place, roots
from verifier.model import Finding, Related, Rule, Severity
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call, Loop
from verifier.semantics.names import qualify

_OPENING = frozenset({"open"})
_TEXTS = ("read_text", "read_bytes")
_CHANGING = frozenset({"write_text", "write_bytes", "open", "touch", "unlink", "rename", "replace"})
_LOOKING = frozenset(
    {"exists", "isfile", "is_file", "getsize", "basename", "len", "str", "print", "Path", "info", "debug"}
)
_PROGRAMS = ("run", "system", "Popen", "call", "check_call", "check_output")


@cache
def _groups() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = catalogue.table("cost/opened")["group"]
    return found


def opened(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each thing that is opened anew on every turn of a loop, or for every request."""
    if in_tests(parsed):
        return
    handed: frozenset[str] | None = None
    names: Held | None = None
    for name, group in _groups().items():
        for call in _openings(parsed, costs, group):
            names = held(costs) if names is None else names
            if kept(call, names) or _special(call):
                continue
            repeat = again(costs, call)
            if repeat is not None and (group.get("loop") is False or _stream(costs, call)):
                continue
            if name == "file" and repeat is not None:
                handed = _handed(costs) if handed is None else handed
                if not _reading(call) or _changed(costs, call, repeat.loop, handed):
                    continue
            if repeat is not None:
                if repeat.via is None or not (handed_on(call) and kept(repeat.via, names)):
                    yield _in_loop(parsed, rule, call, repeat, group)
            elif group.get("request") and (found := _per_request(parsed, costs, rule, call, group)) is not None:
                yield found
    yield from appended(parsed, costs, rule)


def _openings(parsed: Parsed, costs: Costs, group: Mapping[str, Any]) -> Iterator[Call]:
    yield from (call for call, _ in called(parsed, costs, group["calls"]))
    if "builtins.open" in group["calls"]:
        yield from (call for name in _TEXTS for call in costs.calls.get(name, ()) if _path_of(call) is not None)
    if tops := frozenset(group.get("pretrained", ())):
        for call in costs.calls.get("from_pretrained", ()):
            paths = qualify(parsed.facts, call.node.func, call.scope, call.order)
            if paths and paths[0].partition(".")[0] in tops:
                yield call


def _in_loop(parsed: Parsed, rule: Rule, call: Call, repeat: Repeat, group: Mapping[str, Any]) -> Finding:
    return costly(
        rule,
        parsed,
        call.node,
        repeat,
        evidence={"opened": code_of(parsed, call.node), "changes": "nothing that it is given"},
        severity=None if repeat.extent.grows else Severity.INFO,
        call=code_of(parsed, call.node),
        does=group["does"],
        often=f"on every turn of the loop ({repeat.extent.text} turns)" if repeat.extent.text else "on every turn",
    )


def _per_request(parsed: Parsed, costs: Costs, rule: Rule, call: Call, group: Mapping[str, Any]) -> Finding | None:
    handler = request_handler(costs, call)
    function = call.scope.function
    if handler is None or function is None:
        return None
    own = [root for arg in call.node.args for root in roots(costs, Place(arg.value, call.scope, call.order))]
    if any(root is None or root.scope.function is function for root in own):
        return None
    assert isinstance(handler.node, cst.FunctionDef)  # noqa: S101  # only functions have decorators
    route = Related(parsed.source.path, parsed.positions.span(handler.node.name), "the function that answers requests")
    return finding(
        rule,
        parsed,
        call.node,
        related=(route,),
        evidence={"opened": code_of(parsed, call.node), "repeated": "every request"},
        call=code_of(parsed, call.node),
        does=group["does"],
        often="for every request",
    )


def _stream(costs: Costs, call: Call) -> bool:
    """Whether a file is handed in that is open already: each call takes the next part of it."""
    args = call.node.args
    return bool(args) and opening(costs, args[0].value, call.scope, call.order) is not None


def _special(call: Call) -> bool:
    """A database in memory is a new one each time; files of the system are read because they change."""
    if not call.node.args:
        return False
    first = call.node.args[0].value
    return isinstance(first, cst.SimpleString) and str(first.evaluated_value).startswith(
        (":memory:", "/proc", "/sys", "/dev")
    )


def _reading(call: Call) -> bool:
    """Whether a file is only read."""
    name = dotted(call.node.func) or ""
    if _path_of(call) is not None:
        return True
    if name.rpartition(".")[2] not in _OPENING:
        return bool(call.node.args)
    modes = [each.value for each in call.node.args if each.keyword is not None and each.keyword.value == "mode"]
    modes += [each.value for each in call.node.args[1:2] if each.keyword is None]
    match modes:
        case []:
            return bool(call.node.args)
        case [cst.SimpleString() as mode]:
            return not set(str(mode.evaluated_value)) & set("wax+")
        case _:
            return False


def _path_of(call: Call) -> cst.BaseExpression | None:
    """The path of `path.read_text()`."""
    match call.node.func:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if name in _TEXTS:
            return value
        case _:
            return None


def _handed(costs: Costs) -> frozenset[str]:
    """The texts of names, attributes and strings that the file gives to calls which may write what they name."""
    found: set[str] = set()
    for name, calls in costs.calls.items():
        reads = name in _LOOKING or name in _readers()
        for call in calls:
            if not reads or (name == "open" and not _reading(call)):
                found.update(_text(each.value) for each in call.node.args)
            if name in _CHANGING and isinstance(call.node.func, cst.Attribute):
                found.add(_text(call.node.func.value))
    return frozenset(found)


@cache
def _readers() -> frozenset[str]:
    return frozenset(each.rpartition(".")[2] for each in _groups()["file"]["calls"])


def _text(node: cst.BaseExpression) -> str:
    return node.value if isinstance(node, cst.SimpleString) else dotted(node) or ""


def _changed(costs: Costs, call: Call, loop: Loop, handed: frozenset[str]) -> bool:
    """Whether something else may write the file meanwhile: a call that is given its name, or another program."""
    path = _path_of(call)
    text = _text(path if path is not None else call.node.args[0].value)
    if not text or text in handed:
        return True
    return any(
        each.loop is not None and each.loop.within(loop) for name in _PROGRAMS for each in costs.calls.get(name, ())
    )


RULES: CostRules = {"opened-per-turn": opened}
