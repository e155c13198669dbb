"""What an import statement asks for and which names it binds."""

from __future__ import annotations

import libcst as cst

from verifier.model import Import, Span
from verifier.semantics.guards import dotted
from verifier.semantics.model import Branch, ImportSite

_LATER = Span(1, 1, 1, 1)
"""Stands in until positions are asked for."""


def record_import(
    node: cst.Import | cst.ImportFrom, path: str, branch: Branch | None
) -> tuple[list[ImportSite], list[tuple[str, str]]]:
    """The imports of one statement, and (name, dotted path) of each name it binds; a star is the name `*`."""
    flags = (branch.optional, branch.typing_only, branch.unreachable) if branch else (False, False, False)
    sites: list[ImportSite] = []
    bound: list[tuple[str, str]] = []
    if isinstance(node, cst.Import):
        for each in node.names:
            module = dotted(each.name) or ""
            alias = _alias(each)
            sites.append(ImportSite(Import(path, module, None, alias, 0, _LATER, *flags), each, node, branch))
            bound.append((alias, module) if alias else (module.split(".", 1)[0], module.split(".", 1)[0]))
        return sites, bound
    level = len(node.relative)
    module = dotted(node.module) or "" if node.module is not None else ""
    prefix = "." * level + module
    if isinstance(node.names, cst.ImportStar):
        return [ImportSite(Import(path, module, "*", None, level, _LATER, *flags), node, node, branch)], [("*", prefix)]
    for each in node.names:
        name, alias = dotted(each.name) or "", _alias(each)
        sites.append(ImportSite(Import(path, module, name, alias, level, _LATER, *flags), each, node, branch))
        bound.append((alias or name, f"{prefix}.{name}" if module else f"{prefix}{name}"))
    return sites, bound


def _alias(node: cst.ImportAlias) -> str | None:
    return node.asname.name.value if node.asname and isinstance(node.asname.name, cst.Name) else None
