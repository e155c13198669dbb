"""Whether the project's environment has a module, by its files alone: found, missing with evidence, or unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from verifier.model import Environment
from verifier.world import files, provision
from verifier.world.files import AnyPath, below, entries, read_all, readable
from verifier.world.startup import additions, source_text

_COMPILED = (".so", ".pyd", ".dll")
_DYNAMIC = re.compile(
    r"sys\.modules|\bmodules\[|__path__|extend_path|declare_namespace|meta_path|path_hooks|ModuleType|module_from_spec"
    r"|[Ll]azy_?(?:[Ii]mport|[Mm]odule|[Ll]oad)|import_structure"
)
_IMPORTS_BY_NAME = re.compile(r"importlib|import_module|__import__")
_MAKES_MODULES = re.compile(
    rb"sys\.modules\[[^\]\n]*\]\s*=[^=]|sys\.modules\.(?:setdefault|update)|ModuleType\(|module_from_spec"
)
_READ_LIMIT = 4000
"""Files of one package that are read for evidence; the largest packages have about 3,000."""


@dataclass(frozen=True, slots=True)
class Found:
    """The module is there; `file` is None for a folder without `__init__.py`, the distribution where it is known."""

    distribution: str | None
    version: str | None
    file: AnyPath | None


@dataclass(frozen=True, slots=True)
class Missing:
    """Everything that could have defined the module was read, and does not; with the names most like it.

    `distribution` (and its version) is the one that was read and lacks the module; None when its parent is missing too.
    """

    evidence: str
    nearest: tuple[str, ...]
    distribution: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the module exists cannot be told from files."""

    why: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a module lies: its file (none for a namespace package) and the folders that may hold its sub-modules."""

    file: AnyPath | None
    folders: tuple[AnyPath, ...]


def locate(environment: Environment, module: str) -> Found | Missing | Unknown:
    """Whether that dotted module can be imported from the environment's packages; the standard library is not asked."""
    parts = _redirected(environment, module).split(".")
    if not all(part.isidentifier() for part in parts):
        return Unknown(f"{module} is no module name")
    place, known = (None, 1) if provision.provided(environment, module) else _mapped(environment, parts)
    if place is None:
        place = _step(provision.search_path(environment, module), parts[0])
        known = 1
        if place is None:
            return _absent(environment, parts[0])
    parents = [place]
    for index in range(known, len(parts)):
        inside = _step(place.folders, parts[index])
        if inside is None:
            return _no_child(environment, ".".join(parts[:index]), parts[index], parents)
        place = inside
        parents.append(place)
    owner = _owner(environment, parts, parents)
    return Found(*owner, place.file)


def _redirected(environment: Environment, module: str) -> str:
    """Return the module that an import really reaches: setuptools' start-up file replaces distutils."""
    if module.split(".", maxsplit=1)[0] == "distutils":
        shim = any("distutils-precedence.pth" in entries(path) for path in environment.paths)
        if shim and _step(environment.paths, "setuptools"):
            return f"setuptools._{module}"
    return module


def _mapped(environment: Environment, parts: list[str]) -> tuple[_Place | None, int]:
    """Return the place that an editable install maps the longest prefix of the module to, and its length."""
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        for site in environment.paths:
            for mapped, where in additions(site).mapping:
                if mapped == name and (place := _step((where.parent,), where.name)):
                    return place, length
    return None, 0


def _step(folders: tuple[AnyPath, ...], name: str) -> _Place | None:
    """Return the module of that name in the folders, in Python's order: package, compiled, source, namespace."""
    portions: list[AnyPath] = []
    for folder in folders:
        names = entries(folder)
        inner = entries(folder / name) if name in names else {}
        init = next((init for init in ("__init__.py", "__init__.pyc") if init in inner), None) or _compiled(
            inner, "__init__"
        )
        if init:
            return _Place(folder / name / init, (folder / name,))
        if module := _compiled(names, name) or next(
            (file for file in (f"{name}.py", f"{name}.pyc", f"{name}.pyi") if file in names), None
        ):
            return _Place(folder / module, ())
        if names.get(name):
            portions.append(folder / name)
    if not portions:
        return None
    stub = next((portion / "__init__.pyi" for portion in portions if "__init__.pyi" in entries(portion)), None)
    return _Place(stub, tuple(portions))


def _compiled(names: Mapping[str, bool], name: str) -> str | None:
    return next((file for file in names if file.startswith(f"{name}.") and file.endswith(_COMPILED)), None)


def _absent(environment: Environment, name: str) -> Missing | Unknown:
    """Return the verdict on a top-level name that no folder of the import path holds."""
    if why := _unread(environment, name):
        return Unknown(why)
    if (lacking := provision.lacking(environment, name)) is not None:
        read = f"{lacking.name} {lacking.version}: its files make no {name} importable"
        return Missing(
            read, _nearest(name, set(lacking.tops)) or tuple(sorted(lacking.tops)), lacking.name, lacking.version
        )
    modules = {module for path in environment.paths for module in _modules(path)} | provision.near(environment)
    return Missing(f"not installed in {environment.origin}", _nearest(name, modules))


def _unread(environment: Environment, name: str) -> str | None:
    """Tell what on the import path could provide a top-level name without being a folder that was read."""
    if why := provision.why_unread(environment, name):
        return why
    for path in environment.paths:
        if path.is_file():
            return f"{path.name} is an archive, and was not read"
        if not readable(path):
            return f"{path} cannot be read"
        if opaque := additions(path).opaque:
            return f"{opaque[0]} may make any module importable"
        if any(mapped.split(".")[0] == name for mapped, _ in additions(path).mapping):
            return f"an editable install provides parts of {name}"
    return None


def _no_child(environment: Environment, parent: str, child: str, parents: list[_Place]) -> Missing | Unknown:
    """Return the verdict on a sub-module that the folders of its parent do not hold."""
    for place in parents:
        if place.file is not None and (why := _may_be_dynamic(place.file)):
            return Unknown(why)
    place = parents[-1]
    near = _nearest(child, {name for folder in place.folders for name in _modules(folder)})
    if place.file is None:
        if why := _unread(environment, parent.split(".", maxsplit=1)[0]):
            return Unknown(why)
        return Missing(f"not installed in {environment.origin}: {parent} has no {child} there", near)
    if why := next((why for each in parents for folder in each.folders if (why := files.opaque(folder))), None):
        return Unknown(why)
    if why := _created_elsewhere(parents, child):
        return Unknown(why)
    distribution, version = _owner(environment, parent.split("."), parents)
    subject = f"{distribution} {version}" if distribution else environment.origin
    lacks = f"{parent} has no module {child}" if place.folders else f"{parent} is a module without sub-modules"
    return Missing(f"{subject}: {lacks} (read {place.file})", near, distribution, version)


def _may_be_dynamic(file: AnyPath) -> str | None:
    """Why the module in that file could have sub-modules that are no files, None when its source rules that out."""
    if file.suffix != ".py":
        return f"{file.name} cannot be read as source"
    text = source_text(file)
    if text is None:
        return f"{file} cannot be read"
    if match := _DYNAMIC.search(text):
        return f"{file.parent.name}/{file.name} may make modules as it runs ({match[0]})"
    if "__getattr__" in text and _IMPORTS_BY_NAME.search(text):
        return f"{file.parent.name}/{file.name} imports by name as it runs (__getattr__)"
    return None


def _created_elsewhere(parents: list[_Place], child: str) -> str | None:
    """Which other file of the same package names the child and makes modules, as packages that re-export others do."""
    word = re.compile(rb"\b" + re.escape(child.encode()) + rb"\b")
    for folder in next((place.folders for place in parents if place.file and place.folders), ()):
        files = [file for file in below(folder) if file.suffix == ".py"]
        if len(files) > _READ_LIMIT:
            return f"{folder.name} has too many files to rule out that one of them makes {child}"
        try:
            contents = dict(read_all(files))
        except OSError as error:
            return str(error)
        for file in files:
            if (data := contents.get(file)) is None:
                return f"{file} cannot be read"
            if _MAKES_MODULES.search(data) and word.search(data):
                return f"{file.parent.name}/{file.name} may make {child} as it runs"
    return None


def _owner(environment: Environment, parts: list[str], parents: list[_Place]) -> tuple[str | None, str | None]:
    """Distribution and version that provide the first of the parents that is no namespace package."""
    length = len(parts) - len(parents) + 1 + next((i for i, place in enumerate(parents) if place.file), 0)
    return provision.owner(environment, ".".join(parts[:length])) or (None, None)


def _modules(folder: AnyPath) -> set[str]:
    """Return the names that could be imported from a folder, private ones aside."""
    stems = {
        name if is_folder else name.split(".")[0]
        for name, is_folder in entries(folder).items()
        if is_folder or name.endswith((".py", *_COMPILED))
    }
    return {stem for stem in stems if stem.isidentifier() and not stem.startswith("_")}


def _nearest(name: str, names: set[str]) -> tuple[str, ...]:
    return tuple(get_close_matches(name, sorted(names), n=3, cutoff=0.75))
