"""Rewrites of imports: another name or module in the statement, and the uses of the name in the file with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst
from libcst import matchers

from verifier.checks.matching import Matched
from verifier.checks.registry import Parsed
from verifier.checks.rewrites.common import Unfixable, is_dotted, item_removal, places, put, range_of
from verifier.checks.rewrites.insertion import at_top, extended
from verifier.checks.rewrites.names import bindings_of, is_free, is_missing
from verifier.checks.rewrites.strings import must_be_unspoken
from verifier.model import Edit
from verifier.semantics.guards import dotted
from verifier.semantics.model import ImportSite, Use
from verifier.semantics.names import visible

Edits = list[Edit]


def rewrite(parsed: Parsed, use: Matched, site: ImportSite, path: str) -> tuple[str, Edits]:
    """The title and edits that import another path; raises Unfixable."""
    record = site.record
    if record.level or record.name == "*" or site.branch is not None or not isinstance(site.node, cst.ImportAlias):
        raise Unfixable("the import may not run, or nobody knows what it brings")
    if path == "-":
        return f"Remove the import of `{record.module}`", [_gone(parsed, site, site.node)]
    if not is_dotted(path):
        raise Unfixable("an import takes a path")
    if record.name is not None and use.api.path == f"{record.module}.{record.name}":
        return _name(parsed, site, site.node, path)
    if f"{record.module}.".startswith(f"{use.api.path}."):
        module = path + record.module[len(use.api.path) :]
        if isinstance(site.statement, cst.Import):
            return _module(parsed, site, site.node, module)
        return _source(parsed, site.statement, module)
    raise Unfixable("the import is of something else")


def _source(parsed: Parsed, statement: cst.ImportFrom, module: str) -> tuple[str, Edits]:
    """`from a import x, y` to `from b import x, y`."""
    if statement.module is None:
        raise Unfixable("the import is relative")
    for each in _aliases(statement):
        _must_exist(parsed, f"{module}.{dotted(each.name)}")
    old = dotted(statement.module)
    return f"Import from `{module}` in place of `{old}`", [put(parsed, *range_of(parsed, statement.module), module)]


def _name(parsed: Parsed, site: ImportSite, node: cst.ImportAlias, path: str) -> tuple[str, Edits]:
    """`from a import x` to `from b import y`, alone or among others, and `x` to `y` wherever it is used."""
    assert isinstance(site.statement, cst.ImportFrom)  # noqa: S101  # the record has a name
    _must_exist(parsed, path)
    module, _, name = path.rpartition(".")
    old = site.record.name or ""
    edits: Edits = []
    bound = site.record.alias or (old if not module else name)
    if site.record.alias is None and bound != old:
        edits += _uses_renamed(parsed, old, name)
    title = f"Import `{path}` in place of `{site.record.module}.{old}`"
    if module == site.record.module:
        return title, [put(parsed, *range_of(parsed, node.name), name), *edits]
    alias = f" as {bound}" if bound != name else ""
    new = f"from {module} import {name}{alias}" if module else f"import {name}{alias}"
    extension = extended(parsed, module, f"{name}{alias}") if module and at_top(parsed, site.statement) else None
    if extension is not None:
        return title, [removed(parsed, site.statement, node), extension, *edits]
    if len(_aliases(site.statement)) == 1:
        return title, [put(parsed, *range_of(parsed, site.statement), new), *edits]
    return title, [removed(parsed, site.statement, node), _line_behind(parsed, site.statement, new), *edits]


def _gone(parsed: Parsed, site: ImportSite, node: cst.ImportAlias) -> Edit:
    """The edit that takes an import away which nothing uses any more."""
    bound = site.record.alias or (site.record.name or site.record.module).partition(".")[0]
    if any(True for _ in reads(parsed, bound)) or len(list(bindings_of(parsed, bound))) != 1:
        raise Unfixable(f"{bound} is used")
    must_be_unspoken(parsed, bound)
    return removed(parsed, site.statement, node)


def removed(parsed: Parsed, statement: cst.Import | cst.ImportFrom, node: cst.ImportAlias) -> Edit:
    """The edit that takes one name out of an import, and its line with the only one; raises Unfixable."""
    names = _aliases(statement)
    if len(names) > 1:
        return item_removal(parsed, names, next(number for number, each in enumerate(names) if each is node))
    at, (start, end) = places(parsed), range_of(parsed, statement)
    first, last = at.line_start(start), at.line_end(end - 1)
    if not _goes_alone(parsed.facts.tree, statement) or (parsed.text[first:start] + parsed.text[end:last]).strip():
        raise Unfixable("more than the import would go")
    return at.edit(first, last, "")


def _goes_alone(tree: cst.Module, statement: cst.BaseSmallStatement) -> bool:
    """Whether a statement has its own line, in a block that has others."""
    blocks = (each for each in matchers.findall(tree, matchers.IndentedBlock()) if isinstance(each, cst.IndentedBlock))
    for lines, least in ((tree.body, 1), *((each.body, 2) for each in blocks)):
        for each in lines:
            if isinstance(each, cst.SimpleStatementLine) and list(each.body) == [statement]:
                return len(lines) >= least
    return False


def _aliases(statement: cst.Import | cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    if isinstance(statement.names, cst.ImportStar):
        raise Unfixable("nobody knows which names are imported")
    return statement.names


def _module(parsed: Parsed, site: ImportSite, node: cst.ImportAlias, path: str) -> tuple[str, Edits]:
    """`import a` to `import b`, and `a` to `b` wherever it is used."""
    _must_exist(parsed, path)
    title = f"Import `{path}` in place of `{site.record.module}`"
    edit = put(parsed, *range_of(parsed, node.name), path)
    if site.record.alias is not None:
        return title, [edit]
    top, new_top = site.record.module.partition(".")[0], path.partition(".")[0]
    if len(list(bindings_of(parsed, top))) > 1 or any(each.outer.get(top) for each in parsed.facts.scopes):
        raise Unfixable(f"{top} is bound more than once")
    if new_top != top and not is_free(parsed, new_top):
        raise Unfixable(f"{new_top} means something else in the file")
    must_be_unspoken(parsed, top)
    edits = [put(parsed, *range_of(parsed, each), path) for each in _chains(parsed, top, site.record.module)]
    return title, [edit, *edits]


def _chains(parsed: Parsed, top: str, module: str) -> Iterator[cst.BaseExpression]:
    """The nodes that spell a dotted module wherever its first name is read; raises Unfixable for any other read."""
    found = 0
    for use in parsed.facts.attributes:
        each: cst.BaseExpression = use.node
        while isinstance(each, cst.Attribute) and dotted(each) != module:
            each = each.value
        if dotted(each) == module and _root(each) == top:
            found += 1
            yield each
    plain = module == top
    roots = {id(_root_node(use.node)) for use in parsed.facts.attributes}
    for use in reads(parsed, top):
        if id(use.node) in roots:
            found -= 1
        elif plain:
            yield use.node
        else:
            raise Unfixable(f"{top} is used without what follows it")
    if found:
        raise Unfixable(f"{top} is used with something else behind it")


def _uses_renamed(parsed: Parsed, old: str, new: str) -> Edits:
    """The edits of every use of an imported name; raises Unfixable where one may be hidden or the new name is taken."""
    if len(list(bindings_of(parsed, old))) != 1 or any(each.outer.get(old) for each in parsed.facts.scopes):
        raise Unfixable(f"{old} is bound more than once")
    if not is_free(parsed, new):
        raise Unfixable(f"{new} means something else in the file")
    must_be_unspoken(parsed, old)
    return [put(parsed, *range_of(parsed, each.node), new) for each in reads(parsed, old)]


def _must_exist(parsed: Parsed, path: str) -> None:
    if is_missing(parsed, path):
        raise Unfixable(f"the version in use does not have {path}")


def _line_behind(parsed: Parsed, statement: cst.BaseSmallStatement, new: str) -> Edit:
    """The edit that puts a statement on the line behind another one, which has its own line; raises Unfixable."""
    at = places(parsed)
    start, end = range_of(parsed, statement)
    indent = parsed.text[at.line_start(start) : start]
    last = at.line_end(end - 1)
    rest = parsed.text[end:last].strip()
    if indent.strip() or (rest and not rest.startswith("#")) or not parsed.text[:last].endswith(("\n", "\r")):
        raise Unfixable("the statement shares its line")
    return at.edit(last, last, f"{indent}{new}{parsed.facts.tree.default_newline}")


def reads(parsed: Parsed, name: str) -> Iterator[Use]:
    """The reads of a name that the file binds, in any scope that sees it."""
    for each in parsed.facts.names:
        if isinstance(each.node, cst.Name) and each.node.value == name and visible(parsed.facts, name, each.scope):
            yield each


def _root(node: cst.BaseExpression) -> str:
    return (dotted(node) or "").partition(".")[0]


def _root_node(node: cst.BaseExpression) -> cst.BaseExpression:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node
