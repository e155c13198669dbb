"""What imports, functions and classes bind."""

from __future__ import annotations

import libcst as cst

from verifier.semantics.guards import dotted
from verifier.values.model import (
    Class,
    Function,
    Names,
    Value,
)
from verifier.values.run import Run
from verifier.values.state import State


def import_(state: State, node: cst.Import | cst.ImportFrom) -> None:
    """Bind what an import gives."""
    if isinstance(node, cst.Import):
        for each in node.names:
            path = dotted(each.name) or ""
            if each.asname is not None and isinstance(each.asname.name, cst.Name):
                state.names.values[each.asname.name.value] = Value(reference=path)
            else:
                top = path.partition(".")[0]
                state.names.values[top] = Value(reference=top)
        return
    if isinstance(node.names, cst.ImportStar):
        return
    module = "." * len(node.relative) + ((dotted(node.module) or "") if node.module else "")
    for each in node.names:
        name = dotted(each.name) or ""
        bound = each.asname.name.value if each.asname and isinstance(each.asname.name, cst.Name) else name
        state.names.values[bound] = Value(reference=f"{module}.{name}")


def function(run: Run, state: State, node: cst.FunctionDef) -> State:
    """Bind a function, and keep it to be run on its own."""
    for each in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params):
        if each.default is not None:
            run.evaluate(run, state, each.default)
    for decorator in node.decorators:
        run.evaluate(run, state, decorator.decorator)
    made = Function(node, state.names)
    state.names.values[node.name.value] = Value(reference=made)
    if id(node) not in run.seen:
        run.seen.add(id(node))
        run.pending.append(made)
    return state


def class_(run: Run, state: State, node: cst.ClassDef) -> State:
    """Bind a class with its methods."""
    bases = [run.evaluate(run, state, each.value).reference for each in node.bases]
    made = Class(node, state.names, bases=tuple(each for each in bases if isinstance(each, Class)))
    body = State(Names({}, state.names), state.heap, state.loops)
    pending = len(run.pending)
    run.execute(run, body, node.body)
    while len(run.pending) > pending:
        run.pending.pop()  # methods are run with their object
    for name, found in body.names.values.items():
        if isinstance(found.reference, Function):
            method = Function(found.reference.node, state.names, made)
            made.methods[name] = method
            run.methods.setdefault(name, []).append(method)
            run.pending.append(method)
        else:
            made.attributes[name] = found
    state.heap = body.heap
    state.names.values[node.name.value] = Value(reference=made)
    return state
