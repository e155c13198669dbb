"""Where an expression stands, what its names mean there, and which arguments a call has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import libcst as cst

from verifier.symbols.model import Function
from verifier.symbols.modules import World
from verifier.symbols.signatures import Shape, shape_of
from verifier.symbols.values import Types, Value

DEEPEST = 40
"""Expressions inside expressions, and questions inside questions, followed at most."""


class Frame(Protocol):
    """Where an expression stands: what its names mean there."""

    @property
    def world(self) -> World:
        """The world that its questions are asked in."""

    @property
    def module(self) -> str:
        """The module that it is part of."""

    @property
    def substitution(self) -> Mapping[str, Types]:
        """What type variables mean there."""

    @property
    def receiver(self) -> Value | None:
        """The object or class whose method or member it belongs to."""

    def lookup(self, node: cst.Name) -> Types:
        """The values of a name."""

    def inside(self, node: cst.CSTNode) -> Frame | None:
        """The frame of a comprehension's own scope, None where that is not known."""

    def known(self, node: cst.BaseExpression) -> Types | None:
        """What a test around an expression says of it."""


@dataclass(slots=True, eq=False)
class Arguments:
    """The arguments of a call where they stand."""

    node: cst.Call
    frame: Frame
    depth: int = 0

    @property
    def shape(self) -> Shape:
        """How many there are and what they are called."""
        return shape_of(self.node)

    def given(self, function: Function, *, bound: bool) -> Mapping[str, cst.BaseExpression]:
        """The expression that each parameter gets, as far as that can be told."""
        parameters = [each for each in function.parameters if each.kind in {"", "/"}]
        parameters = parameters[1:] if bound else parameters
        found: dict[str, cst.BaseExpression] = {}
        position = 0
        for arg in self.node.args:
            if arg.keyword is not None:
                found[arg.keyword.value] = arg.value
            elif arg.star == "":
                if position < len(parameters):
                    found[parameters[position].name] = arg.value
                position += 1
            else:
                break
        return found
