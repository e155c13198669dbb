"""Files that are opened to append one line on every turn of a loop through the lines of another."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.grading import called_few
from verifier.checks.cost_rules.reporting import costly
from verifier.checks.registry import Parsed, code_of
from verifier.costs.extents import turns
from verifier.costs.loops.quick import quick
from verifier.costs.model import Costs, Repeat, Size
from verifier.costs.objects.settled import Place, roots
from verifier.costs.repeats import around
from verifier.model import Finding, Rule, Severity
from verifier.semantics.model import Call, Loop
from verifier.semantics.names import qualify

_OPEN = frozenset({"builtins.open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"})


def appended(parsed: Parsed, costs: Costs, rule: Rule) -> Iterator[Finding]:
    """A finding for each file that is opened for appending on the turns of a loop whose input says how often.

    It is a remark where a turn may take long, so that what it brought is better written at once.
    """
    for call in costs.calls.get("open", ()):
        path = _path(parsed, call)
        loop = next((each for each in around(call.loop) if turns(costs, each).size is Size.OUTSIDE), None)
        if path is None or loop is None or loop.kind != "for" or not _before(costs, call, path, loop):
            continue
        few = called_few(costs, loop)
        repeat = Repeat(loop, turns(costs, loop))
        yield costly(
            rule,
            parsed,
            call.node,
            repeat,
            evidence={"opened": code_of(parsed, call.node), "mode": "append"},
            severity=None if quick(costs, loop) and not few and call.loop is loop else Severity.INFO,
            call=code_of(parsed, call.node),
            does="opens and closes a file for one line",
            often=f"on every turn of the loop ({repeat.extent.text} turns)" if repeat.extent.text else "on every turn",
        )


def _path(parsed: Parsed, call: Call) -> cst.BaseExpression | None:
    """What is opened for appending: the first argument, or the path whose method is called."""
    args = call.node.args
    function = bool(_OPEN.intersection(qualify(parsed.facts, call.node.func, call.scope, call.order)))
    modes = [each.value for each in args if each.keyword is not None and each.keyword.value == "mode"]
    modes += [each.value for each in args[1:2] if function and each.keyword is None]
    modes += [each.value for each in args[:1] if not function and each.keyword is None]
    match modes:
        case [cst.SimpleString() as mode] if str(mode.evaluated_value)[:1] == "a":
            pass
        case _:
            return None
    if function:
        return args[0].value
    return call.node.func.value if isinstance(call.node.func, cst.Attribute) else None


def _before(costs: Costs, call: Call, path: cst.BaseExpression, loop: Loop) -> bool:
    """Whether a path, or the container that it is taken from, is known before the loop begins."""
    if isinstance(path, cst.Subscript):
        path = path.value
    found = list(roots(costs, Place(path, call.scope, call.order)))
    return None not in found and not any(
        each is not None and each.loop is not None and each.loop.within(loop) for each in found
    )
