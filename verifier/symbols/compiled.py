"""Compiled modules: the file beside the stub, and what the Cython sources that a wheel carries say of its classes."""

from __future__ import annotations

from verifier.symbols import cython
from verifier.symbols.bases import Base, Lineage
from verifier.symbols.modules import Loaded, World, load
from verifier.symbols.names import sources
from verifier.world.files import AnyPath, entries, parse, text


def file(world: World, module: str) -> AnyPath | None:
    """The compiled file beside the stub that says what a module has; None where there is a source."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded) or not loaded.tables or not all(table.stub for table in loaded.tables):
        return None
    stub = parse(loaded.tables[0].file)
    place = stub.parent if stub.stem == "__init__" else stub
    folder, stem = place.parent, place.stem
    return next(
        (folder / each for each in entries(folder) if each.startswith(f"{stem}.") and each.endswith((".so", ".pyd"))),
        None,
    )


def shows(world: World, line: Lineage, attribute: str) -> bool | None:
    """Whether a class with these bases shows an attribute that its stubs leave out; None where that cannot be told."""
    answers = [_shows(world, line.bases[index:], attribute) for index in range(len(line.bases))]
    return True if True in answers else None if None in answers else False


def _shows(world: World, bases: tuple[Base, ...], attribute: str) -> bool | None:
    """The same for the first class alone: what a source says of it has been read elsewhere."""
    first = bases[0]
    if (first.module, first.name) == ("abc", "ABC"):
        return False
    if not all(stub for stub, _ in sources(world, first.module, first.name)):
        return False
    built = file(world, first.module)
    if built is None or "." in first.name:
        return None
    key = ("cython", str(built))
    if key not in world.memo:
        world.memo[key] = _sources(built)
    source, declarations = world.memo[key]
    return cython.shows(source, declarations, first.name, attribute, frozenset(each.name for each in bases[1:]))


def _sources(built: AnyPath) -> tuple[str, str]:
    """The `.pyx` and the `.pxd` beside a compiled module; empty where there is none."""
    names, stem = entries(built.parent), built.name.partition(".")[0]
    found = [f"{stem}{suffix}" for suffix in (".pyx", ".pxd")]
    try:
        source, declarations = (text(built.parent / each) if each in names else "" for each in found)
    except OSError:
        return "", ""
    return source, declarations
