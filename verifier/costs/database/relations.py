"""Which attributes of the models of a file lead to rows of other tables, and when those are read.

https://docs.djangoproject.com/en/stable/topics/db/optimization/ and
https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from verifier.semantics.model import Facts
from verifier.source import python_tree

_ONE = frozenset({"ForeignKey", "OneToOneField", "ForeignKeyField"})
_FIELDS = _ONE | {"ManyToManyField", "relationship", "Relationship"}
_LAZY = frozenset({"", "select", "True"})
_LARGEST = 300_000
"""Bytes of a module of models beside the file that is read."""
_FOLDERS = 4
"""Folders around a file in which the package of an import is looked for."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One attribute of a model: the model it leads to, and whether that is one row or many."""

    name: str
    target: str
    many: bool
    lazy: bool = True
    """Whether it is read when it is used, and not with the query."""
    manager: bool = False
    """Whether it is a manager (Django): nothing is read before one of its methods is called."""


Relations = Mapping[str, Mapping[str, Relation]]
"""By the names of model and attribute, with an entry for each class that is known."""


def relations(facts: Facts, text: str, file: Path | None) -> Relations:
    """The relations of the models that a file declares, or imports from a module beside it."""
    found: dict[str, dict[str, Relation]] = {}
    for source in (text, *_beside(facts, file)):
        for owner, relation in _declared(source) if "class " in source else ():
            known = found.setdefault(owner, {})
            if relation is not None:
                known.setdefault(relation.name, relation)
    return found


@lru_cache(maxsize=32)
def _declared(text: str) -> Sequence[tuple[str, Relation | None]]:
    """The classes of a text, and the relations that they declare, each with the model that has it."""
    tree = python_tree(text)
    found: list[tuple[str, Relation | None]] = []
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.ClassDef):
            found += [(node.name, None), *_of_class(node)]
    return found


def _beside(facts: Facts, file: Path | None) -> Iterator[str]:
    """The texts of the modules of models that imports bring in: beside the file, or from a folder around it."""
    if file is None:
        return
    for name in sorted({each.record.module for each in facts.imports if "model" in each.record.module}):
        parts = [each for each in name.split(".") if each]
        paths = [file.parent / f"{parts[-1]}.py"] if parts else []
        if not name.startswith("."):
            paths += [folder.joinpath(*parts).with_suffix(".py") for folder in file.parents[:_FOLDERS]]
        for path in paths:
            try:
                if path != file and path.stat().st_size <= _LARGEST:
                    yield path.read_text(encoding="utf-8")
                    break
            except (OSError, ValueError):
                continue


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, Relation]]:
    """The relations that a class declares, each with the model that has it: those of the way back too."""
    for each in node.body:
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                yield from _of_field(node.name, name, call, None)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.Call() as call):
                yield from _of_field(node.name, name, call, annotation)
            case _:
                pass


def _of_field(owner: str, name: str, call: ast.Call, annotation: ast.expr | None) -> Iterator[tuple[str, Relation]]:
    kind = _last(call.func)
    if kind not in _FIELDS:
        return
    given = {each.arg: each.value for each in call.keywords if each.arg is not None}
    first = call.args[0] if call.args else given.get("to") or given.get("model") or given.get("argument")
    if kind in {"relationship", "Relationship"}:
        hint = ast.unparse(annotation) if annotation is not None else ""
        target = _last(first) if first is not None else _inner(hint)
        many = not hint or any(word in hint for word in ("List", "list", "Set", "set", "Sequence"))
        yield owner, Relation(name, target, many, _text(given.get("lazy")) in _LAZY)
        if "backref" in given:
            yield target, Relation(_text(given["backref"]), owner, many=True)
        return
    target = _last(first) if first is not None else ""
    if (
        kind == "ForeignKey"
        and first is not None
        and isinstance(first, ast.Constant)
        and "." in str(first.value).lower()
    ):
        target = str(first.value).rpartition(".")[2]
    if target == "self":
        target = owner
    peewee = kind == "ForeignKeyField"
    yield owner, Relation(name, target, kind not in _ONE, manager=kind not in _ONE)
    back = _text(given.get("related_name") or given.get("backref"))
    if kind == "OneToOneField":
        yield target, Relation(back or owner.lower(), owner, many=False)
    elif not back.endswith("+"):
        yield target, Relation(back or f"{owner.lower()}_set", owner, many=True, manager=not peewee)


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str() as text):
            return text.rpartition(".")[2]
        case ast.Lambda(body=body):
            return _last(body)
        case _:
            return ""


def _inner(hint: str) -> str:
    """`Customer` of `Mapped[list["Customer"]]`."""
    words = "".join(each if each.isalnum() or each == "_" else " " for each in hint).split()
    return words[-1] if words else ""


def _text(node: ast.expr | None) -> str:
    match node:
        case None:
            return ""
        case ast.Constant(value=value):
            return str(value)
        case ast.Call(args=[first, *_]):
            return _text(first)
        case _:
            return "?"
