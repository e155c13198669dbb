"""Which distribution provides an import: one that is installed, or one that is read out of its archive."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from packaging.version import InvalidVersion, Version

from verifier.model import Environment, Selection
from verifier.world import distributions, files
from verifier.world.files import AnyPath
from verifier.world.import_names import candidates, meant, possible, top
from verifier.world.opening import Opened, Provided, asked_for, open_all, open_one, present, required

_MOST_LISTED = 60
"""So many distributions are looked into for a module that no distribution's name suggests."""


def prepare(environment: Environment | None, modules: Collection[str], names: Iterable[str] = ()) -> None:
    """Open what a file's own imports need, all at once; from here on, fetching for that file has its time.

    `names` are what it uses of them, dotted.
    """
    if environment is None or (opened := _opened_for(environment)) is None:
        return
    present.begin((*modules, *names))
    unknown = [module for module in modules if possible(module) not in opened.answers]
    names = [name for module in unknown for name in possible(module) if _to_read(opened, name)]
    if opened.selection.open:
        likely = [(module, candidates(module)[0]) for module in unknown]
        names += [name for module, name in likely if meant(module, name) and not _installed(opened, name)]
    open_all(opened, names)
    if any(not _by_name(opened, module) and not _there(environment, module) for module in unknown):
        open_all(opened, _direct(opened))
    for module in unknown:
        opened.answers[possible(module)] = (
            _by_name(opened, module) or _by_list(opened, module) or _newest(opened, module)
        )


def search_path(environment: Environment, module: str) -> tuple[AnyPath, ...]:
    """The folders in which an import of that module looks, in order; archives first: each stands for a choice."""
    return (*(each.root for each in provided(environment, module)), *environment.paths)


def stub_path(environment: Environment, module: str) -> tuple[AnyPath, ...]:
    """The folders that may hold a package of nothing but stubs for a module (PEP 561)."""
    opened = _opened_for(environment)
    if opened is None:
        return environment.paths
    names = [f"types-{name}" for name in candidates(module)] + [f"{name}-stubs" for name in candidates(module)]
    found = [open_one(opened, name) for name in names if _to_read(opened, name)]
    return (*(each.root for each in found if each is not None), *environment.paths)


def provided(environment: Environment, module: str) -> tuple[Provided, ...]:
    """The distributions read from archives that provide a module's top-level package; most often one or none."""
    opened = _opened_for(environment)
    if opened is None:
        return ()
    key = possible(module)
    if key not in opened.answers:
        open_all(opened, [name for name in key if _to_read(opened, name)])
        opened.answers[key] = _by_name(opened, module)
    return opened.answers[key]


def asks_for(environment: Environment, module: str) -> bool:
    """Whether what provides the module from an archive is named by the project, and not just the newest release."""
    opened = _opened_for(environment)
    return opened is not None and any(_is_named(opened, each.name) for each in provided(environment, module))


def why_unread(environment: Environment, module: str) -> str | None:
    """Why a distribution that may provide the module could not be opened; None where all were."""
    opened = _opened_for(environment)
    names = possible(module) if opened is not None else ()
    return next((f"{name}: {opened.unread[name]}" for name in names if opened and name in opened.unread), None)


def unread(environment: Environment | None) -> Mapping[str, str]:
    """The distributions that could not be read, in whole or in part, and why."""
    opened = _opened_for(environment) if environment else None
    if opened is None:
        return {}
    return {name: why for name, why in opened.unread.items() if name in opened.needed} | present.unread


def index_age(environment: Environment | None) -> float:
    """How many seconds ago the index gave the oldest of its answers that were used."""
    opened = _opened_for(environment) if environment else None
    return opened.oldest if opened else 0.0


def owner(environment: Environment, module: str) -> tuple[str, str] | None:
    """Normalised name and version of the distribution that provides a module, dotted for namespace packages."""
    path = module.replace(".", "/")
    for each in provided(environment, module):
        if any(files.exists(each.root / f"{path}{ending}") for ending in ("", ".py", ".pyi")):
            return each.name, each.version
    return distributions.distribution_of(environment, module) if environment.paths else None


def lacking(environment: Environment, module: str) -> Provided | None:
    """The distribution of a module's own name that the project asks for, where all its files make no such module."""
    opened = _opened_for(environment)
    if opened is None:
        return None
    names = [name for name in candidates(module) if asked_for(opened, name) and _to_read(opened, name)]
    found = [opened.distributions.get(name) for name in names]
    if not found or any(each is None or not each.tops or files.opaque(each.root) for each in found):
        return None
    return found[0]


def top_levels(environment: Environment, distribution: str) -> frozenset[str]:
    """The importable names at the top of a distribution's files."""
    opened = _opened_for(environment)
    found = opened.distributions.get(distribution) if opened else None
    return found.tops if found else distributions.top_levels(environment, distribution)


def version_of(environment: Environment, distribution: str) -> str | None:
    """The version of a distribution that the code will run with; None where it has none, or that is not known."""
    opened = _opened_for(environment)
    if opened is None or not _to_read(opened, distribution):
        version = distributions.distributions(environment).get(distribution)
        if version is not None or opened is None:
            return version
    locked = opened.selection.locked.get(distribution)
    if locked is not None and distribution not in opened.selection.overrides:
        return locked.version
    known = opened.distributions.get(distribution)
    if known is None and _to_read(opened, distribution):
        known = open_one(opened, distribution)
    return known.version if known else None


def is_newest(environment: Environment | None, distribution: str) -> bool:
    """Whether a distribution is judged at its newest release for want of anything that says which one is meant."""
    opened = _opened_for(environment) if environment else None
    found = opened.distributions.get(distribution) if opened else None
    return opened is not None and found is not None and not _is_named(opened, distribution)


def near(environment: Environment) -> frozenset[str]:
    """Names that an import might have meant among what is locked or declared."""
    selection = environment.selection
    names = (*selection.locked, *selection.declared, *selection.overrides) if selection else ()
    return frozenset(name.replace("-", "_") for name in names)


def _opened_for(environment: Environment) -> Opened | None:
    return None if environment.selection is None else _opened(environment, environment.selection)


@lru_cache(maxsize=64)
def _opened(environment: Environment, selection: Selection) -> Opened:
    return Opened(environment, selection)


def _to_read(opened: Opened, name: str) -> bool:
    """Whether a distribution is meant to be read from its archive: --with names it, or it is needed and not there."""
    if name in opened.selection.overrides:
        return True
    needs = required(opened, name)
    if not needs and not asked_for(opened, name):
        return False
    installed = _installed(opened, name)
    if installed is None:
        return not opened.selection.closed or name in opened.selection.locked
    # What is installed counts, unless an upgraded distribution needs another version of it.
    return bool(opened.selection.overrides) and not all(need.specifier.contains(installed, True) for need in needs)


def _is_named(opened: Opened, name: str) -> bool:
    """Whether the project, or a distribution that it asks for, asks for this one."""
    return asked_for(opened, name) or bool(required(opened, name))


def _installed(opened: Opened, name: str) -> Version | None:
    if not opened.environment.paths:
        return None
    version = distributions.distributions(opened.environment).get(name)
    try:
        return Version(version) if version is not None else None
    except InvalidVersion:
        return Version("0")


def _there(environment: Environment, module: str) -> bool:
    """Whether an installed distribution provides the module, so that no archive needs to be looked into for it."""
    return bool(environment.paths) and distributions.distribution_of(environment, module) is not None


def _by_name(opened: Opened, module: str) -> tuple[Provided, ...]:
    """Those among the opened distributions that are called like the module and have it."""
    names = [name for name in possible(module) if name in opened.distributions or _to_read(opened, name)]
    opened.needed.update(names)
    found = [open_one(opened, name) for name in names]
    return tuple(each for each in found if each is not None and top(module) in each.tops)


def _direct(opened: Opened) -> list[str]:
    """What the project asks for itself, and all that is locked where that is not too much."""
    selection = opened.selection
    direct = [*selection.overrides, *selection.declared]
    names = dict.fromkeys([*direct, *selection.locked] if len(selection.locked) <= _MOST_LISTED else direct)
    return [name for name in names if _to_read(opened, name)][:_MOST_LISTED]


def _by_list(opened: Opened, module: str) -> tuple[Provided, ...]:
    """Those among the opened distributions whose files say that they have the module, whatever they are called."""
    found = list(opened.distributions.values())
    known = [each for each in found if each is not None and _is_named(opened, each.name)]
    return tuple(each for each in known if top(module) in each.tops)


def _newest(opened: Opened, module: str) -> tuple[Provided, ...]:
    """The newest release of the likeliest distribution that has the module, where nothing says which one is meant."""
    if not opened.selection.open:
        return ()
    for name in candidates(module):
        if _installed(opened, name) is not None or not meant(module, name):
            return ()
        found = open_one(opened, name)
        if found is not None and top(module) in found.tops:
            return (found,)
    return ()
