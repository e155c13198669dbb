"""What a world's packages say of the deprecation of a definition, of one of its parameters, or of a value of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.symbols.ageing.aged import aged_of, constructor
from verifier.symbols.ageing.names import answered, read_as
from verifier.symbols.classes import Member, member
from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.model import Aged, Class, Definition, Function, Variable
from verifier.symbols.modules import Loaded, World, deeper, load
from verifier.symbols.names import Defined, find, sources
from verifier.symbols.signatures import is_overload
from verifier.symbols.values import ClassValue
from verifier.world.installed import Missing, Unknown


def said(
    world: World, module: str, qualified: str, parameter: str | None = None, value: str | None = None
) -> str | None:
    """The message by which a definition, its parameter or a value of that is deprecated; None where it says nothing.

    The name may be one that the module only imports, or a member that a class inherits; an empty one is the module
    itself. A value is a literal, in quotes or without. What only a docstring says counts too.
    """
    if not qualified:
        return of_module(world, module)
    told = [_told(world, each, parameter, value) for each in _places(world, module, qualified)]
    return next((each for each in told if each is not None), None) if None not in told else None


def _told(world: World, place: Defined, parameter: str | None, value: str | None) -> str | None:
    if place.is_module:
        return of_module(world, place.module)
    if parameter is None:
        message = whole(world, place.module, place.name)
        if message is None:
            message = read_as(world, place.module, place.name)
        return message if message is not None else documented(world, place.module, place.name)
    found = [each for each in parameters(world, place.module, place.name) if each.parameter == parameter]
    if value is None:
        found = [each for each in found if not each.values and not each.by_place]
    else:
        found = [each for each in found if _concerns(each, value.strip("'\""))]
    return found[0].message if found else None


def _concerns(aged: Aged, value: str) -> bool:
    """Whether what is said of a parameter is said of a value of it."""
    bare = {each.strip("'\"") for each in aged.values}
    silent = {each.strip("'\"") for each in aged.silent}
    return not aged.by_place and value not in silent and (not bare or value in bare)


def parameters(world: World, module: str, qualified: str) -> tuple[Aged, ...]:
    """What is said of the parameters of a function, or of what a class is made with."""
    if any(isinstance(each, Class) for statements in statements_of(world, module, qualified) for each in statements):
        return constructor(world, ClassValue(module, qualified))
    return aged_of(world, module, qualified)


def whole(world: World, module: str, qualified: str) -> str | None:
    """What a function or class says of itself where every use of it warns; `qualified` is where the module has it."""
    as_function = of_functions(world, module, qualified)
    if as_function is not None:
        return as_function
    for statements in statements_of(world, module, qualified):
        classes = [each for each in statements if isinstance(each, Class)]
        if classes and all(each.deprecated is not None for each in classes):
            return classes[0].deprecated
    made = (of_functions(world, module, f"{qualified}.{each}") for each in ("__init__", "__new__", "__post_init__"))
    return next((each for each in made if each is not None), None)


def documented(world: World, module: str, qualified: str) -> str | None:
    """What the docstring of a function or class says of the whole."""
    for statements in statements_of(world, module, qualified):
        found = [
            next((one for one in each.aged if not one.parameter), None)
            for each in statements
            if isinstance(each, Function | Class) and not (isinstance(each, Function) and is_overload(each))
        ]
        if found and found[0] is not None and None not in found:
            return found[0].message
    return None


def of_module(world: World, module: str) -> str | None:
    """What a module says whenever it is imported."""
    loaded: Loaded | Missing | Unknown | None = load(world, module)
    while isinstance(loaded, Loaded):
        for table in loaded.tables:
            if table.deprecated is not None:
                return table.deprecated
        loaded = deeper(world, loaded)
    return None


def statements_of(world: World, module: str, name: str) -> Iterator[Sequence[Definition]]:
    """The statements of a name by file; not typeshed's, which marks for every Python what only later ones deprecate."""
    loaded = load(world, module)
    standard = isinstance(loaded, Loaded) and loaded.distribution == STANDARD
    for stub, statements in sources(world, module, name):
        if not (stub and standard):
            yield statements


def of_functions(world: World, module: str, name: str) -> str | None:
    """What all statements of a function in its stub, or all in its source, say."""
    for statements in statements_of(world, module, name):
        functions = [each for each in statements if isinstance(each, Function)]
        if not functions or any(each.conditional for each in functions):
            continue
        made = [each for each in functions if not is_overload(each)] or functions
        if all(each.deprecated is not None for each in made):
            return made[-1].deprecated
    return None


def _places(world: World, module: str, qualified: str) -> list[Defined]:
    """Where what a public path names is defined; none where that cannot be told."""
    first, *rest = qualified.split(".")
    answer = find(world, module, first)
    places = list(answer) if isinstance(answer, tuple) else []
    if answered(world, module, first) is not None:
        places = [Defined(module, (), first)]
    for part in rest:
        places = [inner for place in places for inner in _member(world, place, part)]
    return places


def _member(world: World, place: Defined, name: str) -> list[Defined]:
    if place.is_module:
        return _places(world, place.module, name)
    if any(isinstance(each, Variable) for each in place.definitions):
        return []
    found = member(world, place.module, place.name, name)
    return (
        [Defined(found.base.module, found.definitions, f"{found.base.name}.{name}")]
        if isinstance(found, Member)
        else []
    )
