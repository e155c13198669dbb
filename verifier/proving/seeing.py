"""What the files of one release say of a row's API: that it is there, warns, is gone, or that they do not tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from verifier.deprecations import Api
from verifier.proving.locating import Lacking, Spot, locate, place
from verifier.proving.proof import HERE, Word
from verifier.proving.releases import trusting, with_stubs
from verifier.symbols import calls
from verifier.symbols.ageing.names import read_as
from verifier.symbols.ageing.said import documented, of_module, said, whole
from verifier.symbols.classes import Member, member
from verifier.symbols.constructors import fields_of
from verifier.symbols.forwarding import names_it
from verifier.symbols.library import NAME as STANDARD
from verifier.symbols.model import Class, Definition, Function
from verifier.symbols.modules import Loaded, World, load
from verifier.symbols.raising import all_gone, warning
from verifier.symbols.signatures import RefusalKind, Shape, is_overload, takes_any
from verifier.symbols.targets import targets_of
from verifier.symbols.values import ClassValue, FunctionValue, ModuleValue, Value
from verifier.world import provision
from verifier.world.files import exists, parse, text
from verifier.world.installed import Missing, Unknown

_SINCE = re.compile(r"[Dd]eprecated (?:since|in) Python (\d+\.\d+)")
"""How typeshed says when a deprecation began; its mark stands there for every Python."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a release says of an API; no word: why that cannot be told."""

    word: Word | None
    place: str = ""
    why: str = ""
    says: str = ""
    """The message of its warning, or of its documentation where it is silent."""
    likely: bool = False
    """It is there as far as anybody can tell without running it: no witness against a row."""


def see(world: World, api: Api) -> Seen:
    """What the world's release says of the API of a row: its sources where they tell, else its stubs."""
    seen = _see(world, api)
    if seen.word is not None:
        return seen
    likely = _see(trusting(world), api)
    if likely.word in HERE:
        return replace(likely, likely=True)
    other = _see(with_stubs(world), api)
    return seen if other.word is None or _beside_source(world, other.place) else other


def _beside_source(world: World, where: str) -> bool:
    """Whether a place is in a stub whose source did not tell: what the stub still says may have been forgotten."""
    file = where.rpartition(":")[0]
    environment = world.project.environment
    if not file.endswith(".pyi") or environment is None:
        return False
    roots = provision.provided(environment, file.partition("/")[0])
    return any(exists(each.root / file.removesuffix("i")) for each in roots)


def _see(world: World, api: Api) -> Seen:
    as_module = _module(world, api.path) if api.kind == "module" else None
    spot = as_module or locate(world, api.path, calling=api.kind != "attribute")
    match spot:
        case Unknown(why=why):
            return Seen(None, why=why)
        case Lacking():
            return Seen("absent", spot.place)
        case Spot():
            pass
    where = place(world, spot.module, spot.name)
    if _raises(world, spot):
        return Seen("raises", where)
    taken = api.parameter is None or _takes(world, spot, api.parameter)
    if taken is False:
        return Seen("absent", where)
    seen = _told(world, spot, api, where)
    # a body may take what its signature does not name, and warn
    return Seen(None, why=taken) if isinstance(taken, str) and seen.word != "warns" else seen


def _module(world: World, path: str) -> Spot | Lacking | None:
    """A module by its own path, whatever else the package around it calls so; None where that does not tell."""
    loaded, parent = load(world, path), path.rpartition(".")[0]
    if isinstance(loaded, Loaded):
        return Spot(path, "", (), (ModuleValue(path),), ModuleValue(parent))
    if isinstance(loaded, Missing) and isinstance(load(world, parent), Loaded):
        return Lacking(ModuleValue(parent), path, place(world, parent, ""))
    return None


def _told(world: World, spot: Spot, api: Api, where: str) -> Seen:
    """What is there says of its own deprecation: a warning, or words that only a reader of its documentation sees."""
    if _is_standard(world, spot.module):
        begun, words = _marked(world, spot.definitions) if api.parameter is None else (False, "")
        return Seen("warns" if begun else "present", where, says=words)
    if api.parameter is None and (call := _through_helpers(world, spot)) is not None:
        return Seen("warns", where, says=call)
    message = said(world, spot.module, spot.name, api.parameter, api.value)
    if message is None and not spot.definitions and isinstance(spot.holder, ModuleValue):
        message = of_module(world, spot.holder.name)  # what warns for each name that is taken out of it
    if message is None:
        return Seen("present", where)
    if spot.name and api.parameter is None and _only_documented(world, spot):
        return Seen("present", where, says=message)
    return Seen("warns", where, says=message)


def _through_helpers(world: World, spot: Spot) -> str | None:
    """The call of a helper by which a function, or a class when it is made, warns."""
    definitions, module = spot.definitions, spot.module
    if len(spot.values) == 1 and isinstance(value := spot.values[0], ClassValue):
        made = member(world, value.module, value.name, "__init__")
        definitions, module = (made.definitions, made.base.module) if isinstance(made, Member) else ((), "")
    said = [warning(world, module, each) for each in definitions]
    return said[0] if said and None not in said else None


def _only_documented(world: World, spot: Spot) -> bool:
    if whole(world, spot.module, spot.name) is not None or read_as(world, spot.module, spot.name) is not None:
        return False
    return documented(world, spot.module, spot.name) is not None


def _is_standard(world: World, module: str) -> bool:
    loaded = load(world, module)
    return isinstance(loaded, Loaded) and loaded.distribution == STANDARD


def _marked(world: World, definitions: Sequence[Definition]) -> tuple[bool, str]:
    """Whether typeshed says of a deprecation that it has begun in the world's Python, and its words unless it has not.

    A mark that names no beginning stands there for every Python, and proves nothing.
    """
    said = [each.deprecated if isinstance(each, Function | Class) else None for each in definitions]
    texts = [each for each in said if each is not None]
    if not texts or len(texts) < len(said):
        return False, ""
    python = Version(".".join(map(str, world.project.python)))
    begun = [Version(match[1]) <= python for each in texts if (match := _SINCE.search(each))]
    if not all(begun):
        return False, ""
    return len(begun) == len(texts), texts[0]


def _takes(world: World, spot: Spot, parameter: str) -> bool | str:
    """Whether what a spot stands for takes a keyword, or why that cannot be told."""
    callables = [each for each in spot.values if isinstance(each, FunctionValue | ClassValue)]
    if not callables or len(callables) < len(spot.values):
        return f"what a call of {spot.module}.{spot.name} reaches cannot be told"
    verdicts = {_names(world, each, parameter) for each in callables}
    if len(verdicts) == 1 and isinstance(verdict := verdicts.pop(), bool):
        return verdict
    return f"whether {spot.module}.{spot.name} takes {parameter} cannot be told"


def _names(world: World, value: Value, parameter: str) -> bool | None:
    if isinstance(value, ClassValue) and (fields := fields_of(world, value)) is not None:
        return parameter in {each.name for each in fields}
    targets = targets_of(world, value) or []
    made = [each for each in targets if not (each.stub or is_overload(each.function))]
    if made and not any(takes_any(each.function) for each in made):
        targets = made  # what overloads promise besides is refused
    if any(names_it(world, each, parameter) for each in targets):
        return True
    if targets and targets == made and not any(takes_any(each.function) for each in made):
        return False
    refused = calls.check(world, value, Shape(0, (parameter,), star=True, stars=True))
    if refused is not None and refused.refusal.kind is RefusalKind.KEYWORD and refused.refusal.name == parameter:
        return False
    return None


def _raises(world: World, spot: Spot) -> bool:
    """Whether all that using it does is raise."""
    if not spot.name:
        return _module_raises(world, spot.module)
    if all_gone(world, spot.module, spot.definitions) or ("." not in spot.name and _only_raise(spot.definitions)):
        return True
    classes = [each for each in spot.values if isinstance(each, ClassValue)]
    return bool(classes) and all(_constructor_raises(world, each) for each in classes)


def _constructor_raises(world: World, value: ClassValue) -> bool:
    for name in ("__new__", "__init__"):
        found = member(world, value.module, value.name, name)
        if isinstance(found, Member) and (
            all_gone(world, found.base.module, found.definitions) or _only_raise(found.definitions)
        ):
            return True
    return False


def _only_raise(definitions: Sequence[Definition]) -> bool:
    """Whether every statement is a function that raises before anything else; of a method that may mean: abstract."""
    return bool(definitions) and all(isinstance(each, Function) and each.first == "raise" for each in definitions)


def _module_raises(world: World, module: str) -> bool:
    """Whether importing the module raises, whatever the circumstances."""
    loaded = load(world, module)
    if not isinstance(loaded, Loaded):
        return False
    for table in loaded.tables:
        if not table.stub:
            try:
                tree = ast.parse(text(parse(table.file)))
            except (SyntaxError, ValueError, OSError):
                return False
            return any(isinstance(each, ast.Raise) for each in tree.body)
    return False
