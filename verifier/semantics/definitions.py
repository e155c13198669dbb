"""What functions, classes and imports add to the facts."""

from __future__ import annotations

import libcst as cst

from verifier.semantics.imports import record_import
from verifier.semantics.model import BindingKind, Scope, ScopeKind
from verifier.semantics.state import Place, Walk


def function(walk: Walk, node: cst.FunctionDef, _: cst.CSTNode) -> None:
    """A function: decorators, defaults and annotations outside, parameters and body inside."""
    walk.statement = node
    walk.part([decorator.decorator for decorator in node.decorators], node)
    _defaults(walk, node.params)
    binding_order = walk.bind(node.name.value, BindingKind.FUNCTION, node)
    outer = walk.scope
    saved_outer = _type_parameters(walk, node.type_parameters, node)
    _annotations(walk, node.params)
    if node.returns is not None:
        walk.visit(node.returns.annotation, node.returns)
    scope = Scope(ScopeKind.FUNCTION, node, walk.scope, node.name.value)
    saved = walk.inside(scope)
    walk.loop, walk.branch = None, binding_order.branch
    if outer.kind is ScopeKind.CLASS:
        first = (*node.params.posonly_params, *node.params.params)[:1]
        static = any(getattr(each.decorator, "value", "") == "staticmethod" for each in node.decorators)
        walk.self_name = first[0].name.value if first and not static else None
    _parameters(walk, node.params)
    walk.visit(node.body, node)
    walk.back(saved)
    if saved_outer:
        walk.back(saved_outer)


def lambda_(walk: Walk, node: cst.Lambda, _: cst.CSTNode) -> None:
    """A lambda."""
    _defaults(walk, node.params)
    saved = walk.inside(Scope(ScopeKind.LAMBDA, node, walk.scope, "<lambda>"))
    _parameters(walk, node.params)
    walk.visit(node.body, node)
    walk.back(saved)


def class_(walk: Walk, node: cst.ClassDef, _: cst.CSTNode) -> None:
    """A class: bases outside, body inside."""
    walk.statement = node
    walk.part([decorator.decorator for decorator in node.decorators], node)
    walk.bind(node.name.value, BindingKind.CLASS, node)
    saved_outer = _type_parameters(walk, node.type_parameters, node)
    for arg in (*node.bases, *node.keywords):
        walk.visit(arg.value, arg)
    saved = walk.inside(Scope(ScopeKind.CLASS, node, walk.scope, node.name.value))
    walk.self_name = None
    walk.visit(node.body, node)
    walk.back(saved)
    if saved_outer:
        walk.back(saved_outer)


def _type_parameters(walk: Walk, params: cst.TypeParameters | None, node: cst.CSTNode) -> Place | None:
    """Open the scope of type parameters (PEP 695); what to go back to, or None without any."""
    if params is None:
        return None
    saved = walk.inside(Scope(ScopeKind.TYPE_PARAMETERS, node, walk.scope))
    for each in params.params:
        walk.bind(each.param.name.value, BindingKind.TYPE_PARAMETER, each)
        walk.part(getattr(each.param, "bound", None), each)
        walk.part(each.default, each)
    return saved


def type_alias(walk: Walk, node: cst.TypeAlias, _: cst.CSTNode) -> None:
    """`type X = …`."""
    walk.bind(node.name.value, BindingKind.ASSIGNMENT, node.name)
    saved = _type_parameters(walk, node.type_parameters, node)
    walk.visit(node.value, node)
    if saved:
        walk.back(saved)


def _defaults(walk: Walk, params: cst.Parameters) -> None:
    """Visit the default values, which are evaluated outside."""
    for param in _every(params):
        if param.default is not None:
            walk.visit(param.default, param)


def _annotations(walk: Walk, params: cst.Parameters) -> None:
    """Visit the annotations."""
    for param in _every(params):
        if param.annotation is not None:
            walk.visit(param.annotation.annotation, param.annotation)


def _parameters(walk: Walk, params: cst.Parameters) -> None:
    """Bind the parameters."""
    for param in _every(params):
        annotation = param.annotation.annotation if param.annotation else None
        walk.bind(param.name.value, BindingKind.PARAMETER, param, value=param.default, annotation=annotation)


def import_(walk: Walk, node: cst.Import | cst.ImportFrom, _: cst.CSTNode) -> None:
    """An import and the names it binds."""
    sites, bound = record_import(node, walk.path, walk.branch)
    walk.facts.imports.extend(sites)
    for name, path in bound:
        if name == "*":
            walk.scope.stars.append(path)
        else:
            walk.bind(name, BindingKind.IMPORT, node, path=path)


def global_(walk: Walk, node: cst.Global | cst.Nonlocal, _: cst.CSTNode) -> None:
    """`global` and `nonlocal`."""
    kind = ScopeKind.MODULE if isinstance(node, cst.Global) else ScopeKind.FUNCTION
    for item in node.names:
        walk.scope.outer[item.name.value] = kind


def _every(params: cst.Parameters) -> list[cst.Param]:
    """All parameters, stars included."""
    stars = [each for each in (params.star_arg, params.star_kwarg) if isinstance(each, cst.Param)]
    return [*params.posonly_params, *params.params, *params.kwonly_params, *stars]
