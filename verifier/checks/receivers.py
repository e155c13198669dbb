"""What an attribute or call may mean outside the file: by its qualified name, or by the class of its receiver."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from verifier.checks.registry import Parsed
from verifier.semantics.model import Scope, ScopeKind
from verifier.semantics.names import local, qualify

Meanings = tuple[tuple[str, ...], ...]
"""For each value that an expression may have, the dotted paths that reach it; empty when one value is unknown."""

_LAST = 1 << 62
"""Later than every read: a class statement's bases are judged by all that its names were bound to before."""


def meanings(parsed: Parsed, node: cst.BaseExpression, scope: Scope, order: int) -> Meanings:
    """The outside paths of an expression, such as `pandas.DataFrame.append` for `df.append` on an inferred receiver."""
    paths = qualify(parsed.facts, node, scope, order)
    if paths:
        return () if any(local(path) for path in paths) else tuple((path,) for path in paths)
    if not isinstance(node, cst.Attribute):
        return ()
    name = node.attr.value
    found: list[tuple[str, ...]] = []
    for receiver in parsed.inference.types(node.value, scope, order):
        if receiver == "None":
            continue
        inherited = tuple(f"{base}.{name}" for base in bases(parsed, receiver, name))
        if not inherited:
            return ()
        found.append(inherited)
    return tuple(found)


def bases(parsed: Parsed, path: str, name: str) -> Iterator[str]:
    """A class, or the outside classes that a class of this file gets an attribute from; none where it has its own."""
    if not local(path):
        yield path
        return
    todo, seen = [path.removeprefix("<local>.")], set[str]()
    while todo:
        current = todo.pop()
        scopes = [each for each in parsed.facts.scopes if each.kind is ScopeKind.CLASS and each.name == current]
        if current in seen or len(scopes) != 1:
            continue
        seen.add(current)
        scope = scopes[0]
        if name in scope.bindings or name in scope.attributes or not isinstance(scope.node, cst.ClassDef):
            continue
        around = scope.parent or scope
        for base in scope.node.bases:
            for qualified in qualify(parsed.facts, base.value, around, _LAST):
                if qualified.startswith("<local>."):
                    todo.append(qualified.removeprefix("<local>."))
                elif not local(qualified):
                    yield qualified
