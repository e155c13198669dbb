"""Loops whose turns are short: no request, no program, no model, nothing that is worth a file or commit of its own."""

from __future__ import annotations

import libcst as cst

from verifier.costs.model import Costs
from verifier.costs.objects.harmless import leaves_alone
from verifier.semantics.fields import descend
from verifier.semantics.model import Loop, Scope

_DEEPEST = 2
_MOST = 400
"""Nodes of a loop or function that are looked at."""
_WORDS = """
open write writelines writerow loads dumps dump md5 sha1 sha256 hexdigest digest from_bytes to_bytes append add
extend update setdefault Path sub subn compile escape now utcnow today execute commit cursor
Decimal UUID uuid4 crc32 blake2b info debug warning error print
"""
_QUICK = frozenset(_WORDS.split())


def quick(costs: Costs, loop: Loop) -> bool:
    """Whether all that the turns of a loop call is known to be short, and no error is taken care of in it."""
    return isinstance(loop.node, cst.For) and _quick(costs, loop.node.body, loop.scope, 0)


def _quick(costs: Costs, body: cst.CSTNode, scope: Scope, depth: int) -> bool:
    for index, node in enumerate(descend(body)):
        if index > _MOST or isinstance(node, cst.Await | cst.Try | cst.While):
            return False
        if isinstance(node, cst.Call) and not leaves_alone(costs, node, scope) and not _known(costs, node, depth):
            return False
    return True


def _known(costs: Costs, node: cst.Call, depth: int) -> bool:
    match node.func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            functions = costs.functions.get(name, ())
            if len(functions) == 1 and depth < _DEEPEST and isinstance(functions[0].node, cst.FunctionDef):
                return _quick(costs, functions[0].node.body, functions[0], depth + 1)
            return name in _QUICK and not functions
        case _:
            return False
