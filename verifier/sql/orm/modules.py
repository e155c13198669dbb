"""What a module of models binds: imports, classes and values; project files are found beside the file and read."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from verifier.source import python_tree

_LARGEST = 300_000
"""Bytes of a file of models that is read."""
_MOST_FOLDERS = 5
"""Folders above a file in which an absolute import is looked for."""
_DEEPEST = 6
_LIBRARIES = frozenset({"sqlalchemy", "sqlmodel", "django", "flask", "flask_sqlalchemy", "rest_framework", "pydantic"})
_ELSEWHERE = _LIBRARIES | sys.stdlib_module_names
"""Packages in which no model of a project stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """The names that a module binds at its top."""

    imports: dict[str, str]
    """The dotted path that each name is imported from; relative ones begin with dots."""
    classes: dict[str, ast.ClassDef]
    values: dict[str, ast.expr]
    statements: tuple[ast.stmt, ...]
    file: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A class or a value, with the module that it stands in."""

    module: Module
    name: str
    node: ast.ClassDef | ast.expr


def read_module(text: str, file: Path | None) -> Module | None:
    """The module of a text; None where this Python cannot parse it."""
    tree = python_tree(text)
    if tree is None:
        return None
    found = Module({}, {}, {}, tuple(_top(tree.body)), file)
    for node in found.statements:
        match node:
            case ast.Import(names=names):
                for each in names:
                    found.imports[each.asname or each.name.split(".")[0]] = (
                        each.name if each.asname else each.name.split(".")[0]
                    )
            case ast.ImportFrom(module=module, names=names, level=level):
                for each in names:
                    found.imports[each.asname or each.name] = (
                        f"{'.' * level}{module or ''}{'.' if module else ''}{each.name}"
                    )
            case ast.ClassDef(name=name):
                found.classes[name] = node
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found.values[name] = value
            case _:
                pass
    return found


def _top(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module does, those in its conditions included."""
    for node in body:
        match node:
            case ast.If(body=inner, orelse=other):
                yield from _top([*inner, *other])
            case ast.Try(body=inner, handlers=handlers, orelse=other):
                for handler in handlers:
                    yield from _top(handler.body)
                yield from _top([*inner, *other])
            case _:
                yield node


def bare(statement: ast.stmt, prefix: str = "") -> ast.stmt:
    """`indexes: ClassVar[list] = [...]` as what it does: a plain assignment, where the name begins so."""
    match statement:
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value) if target.id.startswith(prefix):
            return ast.copy_location(ast.Assign([target], value), statement)
        case _:
            return statement


def path_of(module: Module, node: ast.expr, depth: int = 0) -> str:
    """What an expression stands for, as `sqlalchemy.orm.declarative_base()`, found in other files too; or empty."""
    if depth > _DEEPEST:
        return ""
    match node:
        case ast.Name(id=name):
            if name in module.classes:
                return f"<local>.{name}"
            if name in module.values:
                return path_of(module, module.values[name], depth + 1)
            path = module.imports.get(name, "")
            found = locate(module, path) if path else None
            if found is None or isinstance(found.node, ast.ClassDef):
                return path
            return path_of(found.module, found.node, depth + 1)
        case ast.Attribute(value=value, attr=attr):
            owner = path_of(module, value, depth + 1)
            return f"{owner}.{attr}" if owner else ""
        case ast.Call(func=func):
            owner = path_of(module, func, depth + 1)
            return f"{owner}()" if owner else ""
        case ast.Subscript(value=value):
            return path_of(module, value, depth + 1)
        case _:
            return ""


def locate(module: Module, path: str, depth: int = 0) -> Place | None:
    """The class or value of the project that an imported path names."""
    owner, _, name = path.rpartition(".")
    if depth > _DEEPEST or not name or module.file is None:
        return None
    if not owner.strip("."):
        owner = owner + "." if path.startswith(".") else owner  # `from . import x`
    found = load(module.file, owner or ".") if owner else None
    if found is None:
        return None
    if name in found.classes:
        return Place(found, name, found.classes[name])
    if name in found.values:
        return Place(found, name, found.values[name])
    if name in found.imports:
        return locate(found, found.imports[name], depth + 1)
    for node in found.statements:
        if isinstance(node, ast.ImportFrom) and [each.name for each in node.names] == ["*"]:
            inner = locate(found, f"{'.' * node.level}{node.module or ''}.{name}", depth + 1)
            if inner is not None:
                return inner
    return None


def load(file: Path, path: str) -> Module | None:
    """The module of the project that a dotted path names from a file."""
    if path.partition(".")[0] in _ELSEWHERE:
        return None
    found = _find(file.parent, path)
    if found is None or found == file:
        return None
    try:
        state = found.stat()
    except OSError:
        return None
    return _load(found, (state.st_mtime_ns, state.st_size)) if state.st_size <= _LARGEST else None


@lru_cache(maxsize=4096)
def _find(folder: Path, path: str) -> Path | None:
    """The file of a module."""
    names = [each for each in path.split(".") if each]
    level = len(path) - len(path.lstrip("."))
    folders = [folder, *folder.parents][:_MOST_FOLDERS]
    for each in folders[level - 1 : level] if level else folders if names else ():
        base = each.joinpath(*names)
        found = [base.with_suffix(".py"), base / "__init__.py"] if names else [base / "__init__.py"]
        for candidate in found:
            if candidate.is_file():
                return candidate
    return None


@lru_cache(maxsize=256)
def _load(file: Path, _state: tuple[int, int]) -> Module | None:
    """A module by its path and state."""
    try:
        return read_module(file.read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError):
        return None
