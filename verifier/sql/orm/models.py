"""All models that a file can name: its own and those of the project's modules that it imports."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import libcst as cst

from verifier.semantics.model import BindingKind, Facts, Scope
from verifier.semantics.names import qualify, visible
from verifier.sql.orm.alchemy_columns import called
from verifier.sql.orm.alchemy_indexes import index_of
from verifier.sql.orm.alchemy_models import read_alchemy, read_table
from verifier.sql.orm.django_models import read_django
from verifier.sql.orm.model import Field, Model
from verifier.sql.orm.modules import Module, Place, load, locate, read_module

_MODULES = re.compile(
    r"(^|\.)(\w*models?|\w*tables?|entities|entity|schemas?|database|db|orm|sqlalchemy|sqlmodel|flask_sqlalchemy)(\.|$)"
)
"""What modules are called that models stand in, and the libraries that make them."""
_MOST = 200
"""Models of one file; more are not looked at."""


@dataclass(slots=True)
class Models:
    """The models that a file can name, by the dotted path that `qualify` gives."""

    facts: Facts
    by_path: dict[str, Model] = field(default_factory=dict)

    def all(self) -> list[Model]:
        """Each model once."""
        return list({id(each): each for each in self.by_path.values()}.values())

    def named(self, name: str) -> Model | None:
        """The one model of a class name; None where there is none, or more than one."""
        found = [each for each in self.all() if each.name == name]
        return found[0] if len(found) == 1 else None

    def of_table(self, table: str) -> Model | None:
        """The one model of a table."""
        found = [each for each in self.all() if each.table.lower() == table.lower()]
        return found[0] if len(found) == 1 else None

    def model(self, node: cst.BaseExpression, scope: Scope, order: int) -> Model | None:
        """The model that an expression stands for; None where that is not sure."""
        if isinstance(node, cst.Name):
            found = visible(self.facts, node.value, scope)
            if found is None:
                return None
            if len(found[1]) == 1 and found[1][0].kind is BindingKind.ASSIGNMENT and found[0] is self.facts.module:
                return self.by_path.get(f"<local>.{node.value}") or self._alias(node, scope, order)
            if len(found[1]) != 1:
                return None
            if node.value == "cls" and found[1][0].kind is BindingKind.PARAMETER:
                owner = found[0].parent
                return self.by_path.get(f"<local>.{owner.name}") if owner is not None else None
        elif not isinstance(node, cst.Attribute):
            return None
        return self._alias(node, scope, order)

    def _alias(self, node: cst.BaseExpression, scope: Scope, order: int) -> Model | None:
        paths = qualify(self.facts, node, scope, order)
        return self.by_path.get(paths[0]) if len(paths) == 1 else None


def open_models(facts: Facts, text: str, file: Path | None) -> Models | None:
    """The models that a file declares or imports; None where there are none."""
    if not any(_MODULES.search(f"{each.record.module}.{each.record.name or ''}") for each in facts.imports):
        return None
    module = read_module(text, file)
    if module is None:
        return None
    found = Models(facts)
    for model in declared(module).values():
        found.by_path[f"<local>.{model.name}"] = replace(model, file="")
    if file is not None:
        _imported(found, module)
    return found if found.by_path else None


@lru_cache(maxsize=128)
def declared(module: Module) -> dict[str, Model]:
    """The models that a module declares itself, by name."""
    django = any(each.startswith("django") for each in module.imports.values())
    found: dict[str, Model] = {}
    nodes: dict[str, ast.ClassDef | ast.expr] = {**module.values, **module.classes}
    for name, node in nodes.items():
        place = Place(module, name, node)
        model = _of_class(place, django=django) if isinstance(node, ast.ClassDef) else read_table(place)
        if model is not None and len(found) < _MOST:
            found[name] = model
    return _with_indexes(module, found)


def _of_class(place: Place, *, django: bool) -> Model | None:
    if isinstance(place.node, ast.ClassDef) and not place.node.bases:
        return None
    if django:
        return read_django(place) or read_alchemy(place)
    return read_alchemy(place) or read_django(place)


def _with_indexes(module: Module, found: dict[str, Model]) -> dict[str, Model]:
    """Models with the indexes that stand beside them: `Index("ix", User.email)`."""
    for statement in module.statements:
        match statement:
            case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
                if called(module, call) != "Index" or len(call.args) < 2:
                    continue
                for name in {each.id for each in ast.walk(call) if isinstance(each, ast.Name)} & found.keys():
                    model = found[name]
                    index = index_of(call, model.fields, "Index")
                    found[name] = replace(
                        model,
                        indexes=(*model.indexes, *((index,) if index is not None else ())),
                        unindexed=model.unindexed or index is None,
                    )
            case _:
                pass
    return found


def _imported(found: Models, module: Module) -> None:
    """The models that the file imports, and those of the modules that they come from, for what refers to them."""
    assert module.file is not None  # noqa: S101  # the caller's choice
    modules: dict[int, Module] = {}
    for path in module.imports.values():
        if not _MODULES.search(path):
            continue
        whole = load(module.file, path)
        if whole is not None:
            modules[id(whole)] = whole
            for model in declared(whole).values():
                found.by_path[f"{path}.{model.name}"] = model
        elif (known := locate(module, path)) is not None:
            modules[id(known.module)] = known.module
            if (one := declared(known.module).get(known.name)) is not None:
                found.by_path[path] = one
    taken = {(each.file, each.name) for each in found.all()}
    for each in list(modules.values()):
        for model in declared(each).values():
            if (model.file, model.name) not in taken and len(found.by_path) < _MOST:
                found.by_path[f"<beside>.{model.file}.{model.name}"] = model


def reverse_names(models: Models, model: Model) -> frozenset[str]:
    """The names that relations of other models give a model: `related_name`, `backref`, Django's own defaults."""
    found: set[str] = set()
    for other in models.all():
        for each in other.fields.values():
            if each.target == model.name or (each.target == "self" and other is model):
                found |= {each.related.replace("%(class)s", other.name.lower()), other.name.lower()}
                found.add(f"{other.name.lower()}_set")
    return frozenset(found - {""})


def way_back(models: Models, model: Model, name: str) -> Field | None:
    """The relation that another model's `backref` gives a model."""
    for other in models.all():
        for each in other.fields.values():
            if each.related == name and each.target == model.name and not each.column and not each.many:
                return Field(name, target=other.name)
    return None


def alone(models: Models, model: Model) -> bool:
    """Whether all that a model refers to is known, so that no other file gives it a relation by `backref`."""
    return all(leads_to(models, each) is not None for each in model.fields.values() if each.table or each.target)


def leads_to(models: Models, each: Field) -> Model | None:
    """The model that a foreign key or a relation leads to."""
    if each.target:
        return models.named(each.target)
    return models.of_table(each.table) if each.table else None
