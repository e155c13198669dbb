"""What a module defines, file by file: its tables are read when they are asked for, and kept."""

from __future__ import annotations

import io
import sys
import tokenize
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from verifier.model import Project
from verifier.symbols import dynamic, finding, library, making, store
from verifier.symbols.extract import Unparsable, extract
from verifier.symbols.known import known_paths, left_out
from verifier.symbols.model import Table
from verifier.symbols.places import at
from verifier.world.files import AnyPath, entries, parse, read, state
from verifier.world.installed import Found, Missing, Unknown, locate

if TYPE_CHECKING:
    from verifier.symbols.names import Answer

OWN = "<own>"
"""The name of the module that is the file under check itself."""
_MOST_BYTES = 8_000_000


@dataclass(slots=True, eq=False)
class World:
    """What symbol questions are asked of: the project, the file whose imports they are, and what was asked before."""

    project: Project
    file: Path | None = None
    """None where the text comes from standard input; what counts as the project's own depends on it."""
    text: str | None = None
    search: finding.Search = field(init=False)
    platform: str = sys.platform
    """`sys.platform` of the target."""
    proving: bool = False
    """What may be so is no answer: a star import of a module whose `__all__` cannot be read tells nothing."""
    trusting: bool = False
    """While proving: such a module is taken to pass on what the ones below it list."""
    without_stubs: bool = False
    """Stubs of other libraries are left aside where there is a source: what counts is what Python would run."""
    loaded: dict[str, Loaded | Missing | Unknown] = field(default_factory=dict)
    deeper: dict[tuple[str, int], Loaded | None] = field(default_factory=dict)
    names: dict[tuple[str, str], Answer] = field(default_factory=dict)
    memo: dict[tuple[object, ...], Any] = field(default_factory=dict)
    """Answers of any other kind, each under a key that begins with the kind's name."""
    depth: int = 0
    """How many questions are being asked inside one another."""
    steps: int = 0
    """How many were asked for the outermost of them."""
    store: store.Store = field(default_factory=lambda: store.Store(None))

    def __post_init__(self) -> None:
        self.search = finding.Search(self.project, self.file)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """The tables of one module, stub before source: all that were asked for so far. A namespace package has none."""

    module: str
    tables: tuple[Table, ...]
    package: bool
    distribution: str | None
    version: str | None
    """Of the distribution; `3.11` of `python` for the standard library."""
    local: bool = False
    """It belongs to the project itself."""
    folders: tuple[AnyPath, ...] = ()
    """Those that hold its sub-modules."""
    rest: tuple[AnyPath, ...] = ()
    """Files that nobody needed yet."""
    opaque: str | None = None
    """Why the module may have more than all its files say."""


def world_of(project: Project, file: Path | None, text: str | None = None) -> World:
    """A world in which nothing was asked yet; with the text, the file under check is the module `OWN`."""
    platform = project.environment.platform if project.environment else sys.platform
    return World(project, file, text, platform, store=store.of(project))


def on_platform(world: World, platform: str) -> World:
    """The same world as it is on another platform."""
    key = ("platform", platform)
    if key not in world.memo:
        other = world.memo[key] = World(world.project, world.file, world.text, platform, store=world.store)
        other.proving, other.trusting, other.without_stubs = world.proving, world.trusting, world.without_stubs
    found: World = world.memo[key]
    return found


def load(world: World, module: str) -> Loaded | Missing | Unknown:
    """The module's first table, or why there is none."""
    known = world.loaded.get(module)
    if known is None:
        known = world.loaded[module] = _own(world) if module == OWN else _load(world, module)
    return known


def deeper(world: World, loaded: Loaded) -> Loaded | None:
    """The same module with one table more: the source where so far only the stub was read. None: there is no more."""
    if not loaded.rest and loaded.opaque is None:
        return None
    key = (loaded.module, len(loaded.tables))
    if key not in world.deeper:
        world.deeper[key] = _deeper(world, loaded)
    return world.deeper[key]


def submodule(world: World, package: Loaded, name: str) -> bool | None:
    """Whether a package has a sub-module of that name, by its files alone; None where they cannot tell."""
    if not package.package:
        return False
    folders = package.folders
    if package.distribution == library.NAME:
        # Not all that typeshed has a file for is in every version.
        inside = library.has_module(world.project, f"{package.module}.{name}")
        if inside is not False:
            return inside
        folders = tuple(folder for folder in folders if folder not in library.folders(world.project, package.module))
    if at(folders, [name]) is not None:
        return True
    if not package.tables and not package.local and world.project.environment is not None:
        answer = locate(world.project.environment, f"{package.module}.{name}")
        return None if isinstance(answer, Unknown) else isinstance(answer, Found)
    return False


def submodules(world: World, package: Loaded) -> frozenset[str]:
    """The names of a package's public sub-modules, as far as its folders tell."""
    names = {name.partition(".")[0] for folder in package.folders for name in entries(folder) if _may_be_module(name)}
    public = (name for name in names if name.isidentifier() and not name.startswith("_"))
    if package.distribution == library.NAME:
        public = (name for name in public if library.has_module(world.project, f"{package.module}.{name}"))
    return frozenset(public)


def trusted(world: World, module: str) -> bool:
    """Whether a module's annotations are meant to be relied on: a stub's, and those beside `py.typed` (PEP 561)."""
    top = module.partition(".")[0]
    if top in known_paths()["trusted-annotations"]:
        return True
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or loaded.local or any(table.stub for table in loaded.tables):
        return True
    if not loaded.tables:
        return False
    place = top_level(loaded)
    return place.suffix == ".py" or "py.typed" in entries(place)


def top_level(loaded: Loaded) -> AnyPath:
    """The folder of a module's top-level package, or the file where that is a single module."""
    return _top(loaded, parse(loaded.tables[0].file))


def top_levels(loaded: Loaded) -> tuple[AnyPath, ...]:
    """The same for each of a module's files: its stubs may lie elsewhere than its source."""
    files = (*(parse(table.file) for table in loaded.tables), *loaded.rest)
    return tuple(dict.fromkeys(_top(loaded, file) for file in files))


def _top(loaded: Loaded, file: AnyPath) -> AnyPath:
    # a module that a package makes has the package's file, which lies where a file of its own would
    for _ in range(loaded.module.count(".") + (file.stem == "__init__" and loaded.package)):
        file = file.parent
    return file


def stores(world: World, module: str, name: str) -> bool:
    """Whether a module's files assign an attribute of that name to anything but a method's own object."""
    loaded = load(world, module)
    return isinstance(loaded, Loaded) and any(name in table.stored for table in loaded.tables)


def flush(world: World) -> None:
    """Write what was read for this file to the store."""
    store.write(world.store)


def _may_be_module(name: str) -> bool:
    return "." not in name or name.endswith((".py", ".pyi", ".so", ".pyd"))


def _load(world: World, module: str) -> Loaded | Missing | Unknown:
    place = finding.find(world.search, module)
    if isinstance(place, Missing | Unknown):
        return _made(world, module) or place
    files = place.files
    if world.without_stubs and place.distribution != library.NAME:
        files = tuple(each for each in files if each.suffix == ".py") or files
    loaded = Loaded(
        module,
        (),
        place.package,
        place.distribution,
        place.version,
        place.local,
        place.folders,
        files,
        None if module in left_out() else place.opaque,
    )
    read, why = _next(world, loaded)
    if read.tables or why is None:
        return read if read.tables or read.opaque is None else Unknown(read.opaque)
    return Unknown(why)


def _made(world: World, module: str) -> Loaded | None:
    """A module that is no file, where the package around it makes one of that name as it runs."""
    parent, _, name = module.rpartition(".")
    package = load(world, parent) if parent else None
    return making.loaded(package, name) if isinstance(package, Loaded) else None


def _deeper(world: World, loaded: Loaded) -> Loaded | None:
    read, why = _next(world, loaded)
    why = why or read.opaque
    if len(read.tables) > len(loaded.tables):
        return read
    if why is None:
        return None
    first = loaded.tables[0]
    unread = Table(loaded.module, first.file, stub=first.stub, package=first.package, names={}, open=why)
    return replace(read, tables=(*read.tables, unread), opaque=None)


def _next(world: World, loaded: Loaded) -> tuple[Loaded, str | None]:
    """The module with the next of its files that can be read, and why others could not be."""
    why: str | None = None
    for number, file in enumerate(loaded.rest, 1):
        table = _table(world, loaded, file)
        if isinstance(table, Table):
            opaque = loaded.opaque or why
            return replace(loaded, tables=(*loaded.tables, table), rest=loaded.rest[number:], opaque=opaque), None
        why = table
    return replace(loaded, rest=()), why


def _table(world: World, loaded: Loaded, file: AnyPath) -> Table | str:
    """The table of a file, from the store where that has it; else why it cannot be read."""
    try:
        size, changed = state(file)
        python = ".".join(map(str, world.project.python))
        origin = loaded.distribution or "", loaded.version or ""
        key = store.Key(str(file), size, changed, loaded.module, python, world.platform, *origin)
        if (known := store.get(world.store, key)) is not None:
            return known
        if size > _MOST_BYTES:
            return f"{file} is larger than {_MOST_BYTES:,} bytes"
        table = _extracted(world, loaded.module, file, _text(read(file)))
    except (OSError, ValueError, LookupError, SyntaxError) as error:
        return f"{file} cannot be read: {error}"
    store.put(world.store, key, table)
    return table


def _extracted(world: World, module: str, file: AnyPath, text: str) -> Table:
    package = file.name.startswith("__init__.")
    stub = file.suffix == ".pyi"
    python = world.project.python
    table = extract(text, module, str(file), stub=stub, package=package, python=python, platform=world.platform)
    why = table.open or dynamic.replaced(text, module)
    return table if why == table.open else msgspec.structs.replace(table, open=why)


def _text(data: bytes) -> str:
    """The text of a file in the encoding that it declares (PEP 263)."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def _own(world: World) -> Loaded | Unknown:
    """The file under check; its relative imports are those of the module that its folders make of it."""
    if world.text is None:
        return Unknown("the file's text was not given")
    file = world.file or Path("<stdin>")
    try:
        table = _extracted(world, _dotted(file) or OWN, file, world.text)
    except Unparsable as error:
        return Unknown(f"{file} cannot be read: {error}")
    table = msgspec.structs.replace(table, module=OWN)
    return Loaded(OWN, (table,), package=False, distribution=None, version=None, local=True)


def _dotted(file: Path) -> str | None:
    """The dotted name of a module by the packages that it lies in; None where it lies in none."""
    parts = [] if file.name.startswith("__init__.") else [file.stem]
    folder = file.absolute().parent
    while "__init__.py" in entries(folder) and folder != folder.parent:
        parts.append(folder.name)
        folder = folder.parent
    return ".".join(reversed(parts)) if len(parts) > 1 or file.name.startswith("__init__.") else None
