"""A whole file: its module body, then every function on its own, with what is watched told on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import libcst as cst

from verifier.values.binding import bind
from verifier.values.expressions import value_of
from verifier.values.model import UNKNOWN, Contents, Function, Names, Origin, Taint, Value, tainted
from verifier.values.run import Reached, Run
from verifier.values.state import State
from verifier.values.statements import execute


def follow(
    tree: cst.Module,
    reached: Reached,
    *,
    watched: Iterable[cst.CSTNode],
    sources: Mapping[int, tuple[str, ...]],
    cleaned: Mapping[int, tuple[str, ...]],
    unknown: str | None = None,
) -> bool:
    """Run a file over all its ways and tell `reached` of each watched node, as often as a run comes by.

    `sources` are the kinds of origin, `cleaned` the marks, by the `id` of a node or a parameter; `unknown` is the kind
    that whatever is not known counts as. Returns whether all of the file was run: what no run came by cannot be
    reached.
    """
    run = Run(sources, cleaned, frozenset(map(id, watched)), reached, value_of, execute, unknown)
    state = State(run.module)
    end = execute(run, state, tree)
    heap = (end or state).heap
    objects: dict[int, Value] = {}
    for function in _pending(run):
        point = State(Names({}, function.closure), dict(heap))
        _parameters(run, point, function, objects)
        run.returned.append([])
        run.active.append(id(function.node))
        if isinstance(function.node, cst.Lambda):
            value_of(run, point, function.node.body)
        else:
            last = execute(run, point, function.node.body)
            for each in [last] if last is not None else [point for _, point in run.returned[-1]]:
                if function.owner or any(each.heap.get(key) is not held for key, held in heap.items()):
                    heap = each.heap
        run.active.pop()
        run.returned.pop()
    return not run.exhausted


def _pending(run: Run) -> Iterable[Function]:
    """Functions as they are met, those that a function defines behind it."""
    while run.pending:
        yield run.pending.popleft()


def _parameters(run: Run, state: State, function: Function, objects: dict[int, Value]) -> None:
    """Give parameters what is known of them without a caller: where they are sources, and a method's object."""
    params = function.node.params
    every = [*params.posonly_params, *params.params, *params.kwonly_params]
    every += [each for each in (params.star_arg, params.star_kwarg) if isinstance(each, cst.Param)]
    for number, each in enumerate(every):
        found = UNKNOWN
        if number == 0 and function.owner is not None and each.name.value in {"self", "cls"}:
            key = id(function.owner)
            if key not in objects or objects[key].box not in state.heap:
                contents = Contents("object", dict(function.owner.attributes), None, exact=False, owner=function.owner)
                objects[key] = state.new(contents)
            found = objects[key]
        kinds = run.sources.get(id(each), ())
        if kinds:
            found = tainted(Taint(Origin(kind, id(each))) for kind in kinds)
        bind(run, state, each.name, found)
