"""What Cython's sources say of a class's attributes, and where they cannot tell."""

from __future__ import annotations

import pytest

from verifier.symbols.cython import shows

SOURCE = '''
from libc.math cimport sqrt
@cython.final
cdef class Tree(Base):
    """A tree.
cdef class Tree: not this one
    """
    cdef Node* root
    cdef public int depth, width
    cdef readonly \\
        object owner
    kind = "tree"

    def __init__(self, size,
                 colour="hash # not a comment"):
        self.root = NULL
        inner = size

    cpdef double measure(self, double x):
        return sqrt(x)

    cdef void _grow(self) nogil:
        pass

    property area:
        def __get__(self):
            return 1
'''
BASES = frozenset({"Base"})


@pytest.mark.parametrize("name", ["depth", "width", "owner", "kind", "measure", "area", "declared"])
def test_what_python_sees(name: str) -> None:
    assert shows(SOURCE, "cdef class Tree(Base):\n    cdef readonly str declared\n", "Tree", name, BASES) is True


@pytest.mark.parametrize("name", ["root", "inner", "size", "colour", "hash", "_grow", "sqrt", "nothing", "dept", "A"])
def test_what_stays_inside(name: str) -> None:
    assert shows(SOURCE, "cdef class Tree(Base):\n    cdef Node* root\n", "Tree", name, BASES) is False


@pytest.mark.parametrize(
    "source",
    [
        "",
        "class Tree:\n    def f(self): ...\n",
        "cdef class Forest:\n    def f(self): ...\n",
        "cdef class Tree(Unknown):\n    def f(self): ...\n",
        "@register\ncdef class Tree:\n    def f(self): ...\n",
        "cdef class Tree:\n    cdef dict __dict__\n",
        "cdef class Tree:\n    def __getattr__(self, name): ...\n",
        "cdef class Tree:\n    cdef public:\n        int a\n",
        "cdef class Tree:\n    IF WIDE:\n        cdef public int a\n",
        "cdef class Tree:\n    include 'methods.pxi'\n",
        "cdef class Tree:\n  x = 1\n",
        "include 'tree.pxi'\n",
    ],
)
def test_what_cannot_be_told(source: str) -> None:
    assert shows(source, "", "Tree", "a", frozenset()) is None


def test_declarations_alone_tell_nothing_of_methods() -> None:
    assert shows("", "cdef class Tree:\n    cdef int a\n", "Tree", "a", frozenset()) is None
