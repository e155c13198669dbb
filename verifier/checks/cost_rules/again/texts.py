"""Texts and arrays that a loop makes of the same on every turn."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.cost_rules.again.calls import Again, outermost
from verifier.costs.extents import size
from verifier.costs.kinds import is_list
from verifier.costs.model import Costs, Done
from verifier.costs.objects.changes import done_with
from verifier.costs.objects.doings import doings
from verifier.semantics.guards import dotted
from verifier.semantics.model import Call
from verifier.semantics.names import qualify

_WRITING = frozenset({"json.dumps", "pickle.dumps", "yaml.dump", "yaml.safe_dump"})
_ARRAYS = frozenset({"numpy.array", "numpy.asarray", "pandas.Series", "pandas.DataFrame"})


def texts(costs: Costs) -> Iterator[Again]:
    """`json.dumps(items)`, and `np.array(items)` of a list, in a loop that changes none of the items."""
    inside = {id(arg.value) for call in costs.calls.get("loads", ()) for arg in call.node.args}
    for name in ("dumps", "dump", "safe_dump", "array", "asarray", "Series", "DataFrame"):
        for call in costs.calls.get(name, ()):
            match call.node.args:
                case [cst.Arg(value=cst.Name() | cst.Attribute() as of, star="", keyword=None), *rest]:
                    pass
                case _:
                    continue
            paths = qualify(costs.facts, call.node.func, call.scope, call.order)
            if len(paths) != 1 or paths[0] not in _WRITING | _ARRAYS or not all(arg.keyword for arg in rest):
                continue
            if id(call.node) in inside or call.loop is None or not size(costs, of, call.scope, call.order).grows:
                continue
            if paths[0] in _ARRAYS and not _is_only_read(costs, call, of):
                continue
            repeat = outermost(costs, [of, *(arg.value for arg in rest)], call.scope, call.loop)
            if repeat is not None:
                yield Again(call.node, call, of, repeat)


def _is_only_read(costs: Costs, call: Call, of: cst.BaseExpression) -> bool:
    """Whether an array is made of a list, and neither changed in its name nor kept."""
    if not is_list(costs, of, call.scope, call.order) or call.loop is None:
        return False
    match doings(costs).statements.get(id(call.node)):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            return [one.done for one in done_with(costs, (name,), call.scope, call.loop)] == [Done.BOUND]
        case _:
            return dotted(of) is not None
