"""What happens where a value leaves a node: something comes in, is cleaned, or is watched."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from verifier.values.model import (
    UNKNOWN,
    Origin,
    Taint,
    Value,
)
from verifier.values.run import Run
from verifier.values.state import State


def noticed(run: Run, state: State, node: cst.CSTNode, found: Value) -> Value:
    """The value as it leaves a node: with what comes in there, marked for what is cleaned there, told where watched."""
    number = id(node)
    if run.unknown is not None and (found == UNKNOWN or _foreign(found)):
        found = replace(found, taints=frozenset([Taint(Origin(run.unknown, 0))]))  # one for all: sets stay small
    if number in run.sources:
        origins = {Taint(Origin(kind, number)) for kind in run.sources[number]}
        found = replace(found, constants=None, taints=found.taints | origins, text=None)
    if number in run.cleaned:
        found = state.marked(found, *run.cleaned[number])
    if number in run.watched:
        run.reached(node, found, state.depends(found), tuple(run.calls))
    return found


def _foreign(value: Value) -> bool:
    """Whether a value is something imported that is no constant by its name: `sys.argv`, not `config.FOLDER`."""
    return isinstance(value.reference, str) and not value.taints and not value.reference.rpartition(".")[2].isupper()
