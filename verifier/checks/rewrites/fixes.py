"""Fixes: the text edits that a row's `rewrite` stands for at one use of its API."""

from __future__ import annotations

import re

import libcst as cst

from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed
from verifier.checks.rewrites import arguments, imports, names, templates, unused, uses
from verifier.checks.rewrites.common import Unfixable, is_dotted, put, range_of
from verifier.deprecations import Api
from verifier.model import Edit, Fix
from verifier.world.versions import version_of

_SLOT = re.compile(r"\{(?!value\})(?:\*|\w+)\}")


def fix(parsed: Parsed, api: Api, use: Matched) -> Fix | None:
    """The fix of a use by its row; None where the row has none or the code cannot be changed without a doubt.

    It is for the version in use: none where that does not complain yet, and no safe one where nobody knows it.
    """
    state = api.state(version_of(parsed.project, api.distribution))
    if api.fix is None or api.rewrite is None or state is None:
        return None
    rewrite = _chosen(parsed, api, use)
    if rewrite is None:
        return None
    try:
        title, edits = _edits(parsed, api, use, rewrite.strip())
        edits = unused.with_import(parsed, use, edits) if use.site is None else edits
    except Unfixable:
        return None
    return Fix(title, tuple(dict.fromkeys(edits)), safe=api.fix == "safe" and state != "unknown")


def _chosen(parsed: Parsed, api: Api, use: Matched) -> str | None:
    """The rewrite that fits the first argument, where a row has one for dicts; None for other built-in objects."""
    if api.rewrite_dict is None or use.call is None or not use.call.args:
        return api.rewrite
    types = parsed.inference.types(use.call.args[0].value, use.scope, use.order)
    if types == ("builtins.dict",):
        return api.rewrite_dict
    return None if any(each.startswith("builtins.") for each in types) else api.rewrite


def _edits(parsed: Parsed, api: Api, use: Matched, rewrite: str) -> tuple[str, list[Edit]]:
    if use.site is not None and rewrite != "-" and (not is_dotted(rewrite) or uses.is_inside(parsed, use, rewrite)):
        return uses.rewrite(parsed, use, use.site, rewrite)
    if use.site is not None:
        return imports.rewrite(parsed, use, use.site, rewrite)
    if use.argument is not None and not _is_template(api, rewrite):
        return arguments.rewrite(parsed, use, rewrite)
    if use.argument is None and rewrite.startswith("."):
        return _renamed(parsed, use, rewrite)
    if use.argument is None and is_dotted(rewrite):
        return names.rewrite(parsed, use, rewrite)
    return templates.rewrite(parsed, use, rewrite)


def _is_template(api: Api, rewrite: str) -> bool:
    """Whether the rewrite of a parameter or value takes the place of the whole call."""
    if rewrite == "-" or arguments.is_keyword(rewrite):
        return False
    return _SLOT.search(rewrite) is not None or api.kind != "value"


def _renamed(parsed: Parsed, use: Matched, rewrite: str) -> tuple[str, list[Edit]]:
    """`.name` in place of the attribute's name; what follows the name stands behind it."""
    if not isinstance(use.node, cst.Attribute):
        raise Unfixable("there is no attribute to rename")
    name = rewrite[1:]
    first = re.split(r"\W", name, maxsplit=1)[0] if not is_dotted(name) else name
    if names.is_missing(parsed, f"{use.api.path.rpartition('.')[0]}.{first}"):
        raise Unfixable("the version in use does not have the new name")
    return f"Use `{rewrite}`", [put(parsed, *range_of(parsed, use.node.attr), name)]
