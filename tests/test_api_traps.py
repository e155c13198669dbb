"""Code that is right although a reader of files could think otherwise, beside its wrong twin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import worlds
from site_packages import distribute, write

from verifier.config import Config
from verifier.engine import run

PACKAGES: Mapping[str, Mapping[str, str]] = {
    "torch": {
        "torch/__init__.py": "import sys\nfrom . import nn\ndef _register(kind, module):\n    m = sys.modules[__name__]\n"
        "    setattr(m, kind, module)\nfrom ._tensor import Tensor\ndef zeros(*size, dtype=None) -> Tensor: ...\n"
        "def symeig(input, eigenvectors=False):\n"
        "    raise RuntimeError('This function was deprecated and is now removed; use torch.linalg.eigh')\n",
        "torch/_tensor.py": "class Tensor:\n    def sum(self, dim=None) -> 'Tensor': ...\n    def __getitem__(self, i) -> 'Tensor': ...\n",
        "torch/nn/__init__.py": "from . import functional as functional\nfrom .modules import Module, Linear\n",
        "torch/nn/functional.py": "def relu(input, inplace=False): ...\n",
        "torch/nn/modules.py": "class Module:\n    def __getattr__(self, name): ...\n    def parameters(self): ...\n"
        "class Linear(Module):\n    def __init__(self, in_features, out_features, bias=True): ...\n",
    },
    "sqlalchemy": {
        "sqlalchemy/__init__.py": "from .sql.functions import func as func\nfrom .schema import Column as Column\n",
        "sqlalchemy/schema.py": "class Column:\n    def __init__(self, *args, primary_key=False, nullable=True): ...\n"
        "    def desc(self): ...\n",
        "sqlalchemy/sql/__init__.py": "",
        "sqlalchemy/sql/functions.py": "class _Generator:\n    def __getattr__(self, name): ...\nfunc = _Generator()\n",
        "sqlalchemy/orm/__init__.py": "class DeclarativeMeta(type):\n    def __init__(cls, name, bases, d, **kw): ...\n"
        "def declarative_base(**kw):\n    return DeclarativeMeta('Base', (object,), {})\n"
        "class DeclarativeBase(metaclass=DeclarativeMeta):\n    def __init__(self, **kw): ...\n",
    },
    "django": {
        "django/__init__.py": "",
        "django/db/__init__.py": "",
        "django/db/models/__init__.py": "from django.db.models.base import Model\nfrom django.db.models.fields import *\n",
        "django/db/models/fields.py": "__all__ = ['CharField']\nclass CharField:\n    def __init__(self, *args, max_length=None): ...\n",
        "django/db/models/base.py": "class ModelBase(type):\n    def __new__(cls, name, bases, attrs, **kw):\n"
        "        return super().__new__(cls, name, bases, attrs)\n"
        "class Model(metaclass=ModelBase):\n    def __init__(self, *args, **kwargs): ...\n    def save(self, *args): ...\n",
    },
    "boto3": {
        "boto3/__init__.py": "from boto3.session import Session\ndef client(*args, **kwargs):\n"
        "    return _get_default_session().client(*args, **kwargs)\n"
        "def _get_default_session():\n    return Session()\n",
        "boto3/session.py": "class Session:\n    def client(self, service_name, region_name=None):\n"
        "        return self._session.create_client(service_name)\n",
    },
    "pydantic": {
        "pydantic/__init__.py": "import typing\nif typing.TYPE_CHECKING:\n    from .main import BaseModel\n"
        "__all__ = ('BaseModel',)\n_dynamic = {'BaseModel': (__spec__.parent, '.main')}\n"
        "def __getattr__(name):\n    dynamic = _dynamic.get(name)\n    if dynamic is None:\n        return _migrate(name)\n"
        "    from importlib import import_module\n    return getattr(import_module(dynamic[1], dynamic[0]), name)\n",
        "pydantic/main.py": "class ModelMetaclass(type):\n    def __new__(mcs, name, bases, namespace, **kwargs): ...\n"
        "class BaseModel(metaclass=ModelMetaclass):\n    def __init__(self, /, **data): ...\n    def model_dump(self): ...\n",
    },
    "attrs": {
        "attr/__init__.py": "from ._make import attrs, attrib\ns = attributes = attrs\nib = attrib\n",
        "attr/_make.py": "def attrs(maybe_cls=None, **kw):\n    def wrap(cls):\n        return _build(cls)\n"
        "    return wrap if maybe_cls is None else wrap(maybe_cls)\ndef attrib(default=None, **kw): ...\n"
        "def _build(cls): ...\n",
    },
    "opencv-python-headless": {
        "cv2/__init__.py": "import sys\ndef bootstrap():\n    import importlib\n    native = importlib.import_module('cv2')\n"
        "    for name in dir(native):\n        globals()[name] = getattr(native, name)\nbootstrap()\n",
        "cv2/cv2.abi3.so": "",
    },
    "lazysci": {
        "lazysci/__init__.py": "submodules = ['signal', 'stats']\n__all__ = submodules + ['version']\nversion = '1'\n"
        "def __getattr__(name):\n    if name in submodules:\n        import importlib\n"
        "        return importlib.import_module(f'lazysci.{name}')\n"
        "    try:\n        return globals()[name]\n    except KeyError:\n        raise AttributeError(name)\n",
        "lazysci/signal.py": "def convolve(a, b): ...\n",
        "lazysci/stats.py": "def norm(): ...\n",
    },
    "eagerlib": {
        "eagerlib/__init__.py": "from . import used\n",
        "eagerlib/used.py": "",
        "eagerlib/unused.py": "value = 1\n",
    },
    "lib": {
        "lib/__init__.py": "from .shapes import Base, Middle, Box, make, Kept, Widget\nfrom . import nodes\n",
        "lib/py.typed": "",
        "lib/shapes.py": "class Base:\n    def __init__(self, size, *, x=None): ...\n    def area(self) -> int: ...\n"
        "class Middle(Base): ...\n"
        "class Box(Base):\n    def __init__(self, size, extra=None): ...\n    def corners(self) -> list[int]: ...\n"
        "def make() -> Base: ...\n"
        "class Kept:\n    def fit(self):\n        return self\n"
        "class Widget(Base, ext.Panel):\n    pass\n"
        "def note(estimator, n):\n    estimator.n_seen_ = n\n",
        "lib/nodes.py": "class Node:\n    pass\nclass Leaf(namedtuple('Leaf', ('a',)), Node):\n    a = 1\n    def only_leaf(self): ...\n"
        "def first() -> Node: ...\n",
        "lib/stubbed.pyi": "class T:\n    def known(self) -> int: ...\nclass U:\n    def known(self) -> int: ...\n",
        "lib/stubbed.py": "def adding(cls):\n    setattr(cls, 'more', 1)\n    return cls\n@adding\nclass T:\n    def known(self): ...\n"
        "class U:\n    def known(self): ...\n",
        "lib/native.pyi": "def span(start: int, /, stop: int = ..., *, dtype: object = ...) -> int: ...\nclass Clock:\n    def tick(self) -> int: ...\n",
        "lib/native.abi3.so": "Clock tick tock",
    },
    "loaders": {
        "loaders/__init__.py": "from typing import overload\nfrom typing_extensions import Unpack\n"
        "@overload\ndef read(path: str, *, lazy: bool = ..., **more: Unpack[Shared[int]]) -> str: ...\n"
        "@overload\ndef read(path: str, *, size: int, **more: Unpack[Shared[int]]) -> bytes: ...\n"
        "def read(path, *, lazy=False, size=None, sep=','): ...\n"
        "@overload\ndef fetch(path: str, **more: Unpack[Shared[int]]) -> str: ...\n"
        "@overload\ndef fetch(path: int, **more: Unpack[Shared[int]]) -> bytes: ...\n"
        "def fetch(path, **more):\n    return later(path, **more)\n",
    },
    "proxies": {
        "proxies/__init__.py": "class App:\n    def run(self): ...\nclass Special(App):\n    def more(self): ...\n"
        "class Proxy:\n    def __init__(self, what): ...\n    def _get_current_object(self): ...\n"
        "def find(): ...\ncurrent: App = Proxy(find)  # type: ignore[assignment]\nreal: App = App()\n"
        "special: App = Special()\nunknown: App = find()\n",
    },
    "webcodes": {
        "webcodes/__init__.py": "from .status import codes as codes, plain as plain\n",
        "webcodes/structures.py": "class Lookup(dict):\n    def __init__(self, name=None): ...\n",
        "webcodes/status.py": "from .structures import Lookup\ncodes = Lookup(name='c')\nplain = Lookup(name='p')\n"
        "def _fill():\n    for code, title in TABLE.items():\n        setattr(codes, title, code)\n_fill()\n",
    },
    "bodies": {
        "bodies/__init__.py": "from .parts import Abstract, Axes, Beam, Body, Joint, Lamp\n",
        "bodies/parts.py": "import numbers\nfrom abc import ABC\nfrom . import frames\nfrom .frames import Frame, Turned\n"
        "class Abstract(ABC):\n    def __init__(self, name):\n        self._name = name\n    @property\n    def name(self):\n"
        "        return self._name\n"
        "class Body(Abstract):\n    def __init__(self, name, frame=None):\n        super().__init__(name)\n"
        "        if frame is None:\n            frame = Frame()\n        self.frame = frame\n"
        "    @property\n    def frame(self):\n        return self._frame\n    @frame.setter\n    def frame(self, given):\n"
        "        if not isinstance(given, Frame):\n            raise TypeError('a frame')\n        self._frame = given\n"
        "class Beam(Body):\n    def __init__(self, name, frame):\n        self.frame = frame\n"
        "class Joint:\n    def __init__(self, first, second, third, fourth, fifth):\n"
        "        if not isinstance(first, Body) or not isinstance(second, (Body, frames.Frame)):\n            raise TypeError\n"
        "        assert isinstance(third, Body) and fourth\n"
        "        if not isinstance(fourth, Body):\n            print('odd')\n"
        "        self._fifth = fifth\n        if not isinstance(fifth, Body):\n            raise TypeError\n"
        "        self.first, self.second = first, second\n        self.third = third\n        self.fourth = fourth\n"
        "    @property\n    def fifth(self):\n        return self._fifth\n"
        "class Axes:\n    def __init__(self, body, other):\n        if other:\n            assert isinstance(body, Body)\n"
        "        self.body = body\n        if not isinstance(other, Body):\n            raise TypeError\n"
        "        other = other.wrapped()\n        self.other = other\n"
        "class Lamp(Body):\n    frame = None\n    def __init__(self, name, frame):\n        self.frame = frame\n",
        "bodies/frames.py": "class Frame:\n    def turn(self): ...\nclass Turned(Frame):\n    def back(self): ...\n",
    },
    "algebra": {
        "algebra/__init__.py": "class Facts(type):\n    def __init__(cls, *args):\n        for name in facts():\n"
        "            setattr(cls, name, True)\nclass Free(metaclass=Facts):\n    def args(self): ...\n",
    },
    "sympy": {
        "sympy/__init__.py": "",
        "sympy/core/__init__.py": "",
        "sympy/core/basic.py": "class Facts(type):\n    def __init__(cls, *args):\n        for name in facts():\n"
        "            setattr(cls, name, True)\n"
        "class Basic(metaclass=Facts):\n    def __init__(self, *args): ...\n    def walk(self): ...\n"
        "class Expr(Basic):\n    def expand(self): ...\n",
    },
    "cythonic": {
        "cythonic/__init__.py": "from .pipe import Pipe, Plain, Wide\nfrom .ruler import Ruler\nfrom .rules import Rules\n",
        "cythonic/py.typed": "",
        "cythonic/pipe.pyi": "class Pipe:\n    def run(self) -> int: ...\nclass Wide:\n    def run(self) -> int: ...\n"
        "class Plain:\n    def run(self) -> int: ...\n",
        "cythonic/pipe.pyx": '# cython: infer_types=True\ncdef class Pipe:\n    """Not\nindented.\n    """\n'
        "    def __init__(self, hidden=None, *,\n                 _also=None):\n        self.hidden = hidden\n"
        "        local = self.hidden  # self.mentioned\n\n    def run(self):\n        return 1\n\n"
        "    cpdef int unsaid(self, int n):\n        return n\n\n    property old:\n        def __get__(self):\n"
        "            return 1\n\n    @property\n    def _secret(self):\n        return 2\n\n    alias = run\n\n"
        "cdef class Wide:\n    cdef dict __dict__\n    def run(self):\n        return 1\n\n"
        "class Plain:\n    def run(self):\n        self.mentioned = 1\n",
        "cythonic/pipe.pxd": "cdef class Pipe:\n    cdef public str name\n    cdef readonly int first, \\\n        second\n"
        "    cdef object hidden\n",
        "cythonic/pipe.cpython-312-x86_64-linux-gnu.so": "hidden local mentioned unsaid old alias name first second",
        "cythonic/rules.pyi": "from .pipe import Pipe\nclass Rules(Pipe): ...\n",
        "cythonic/rules.pyx": "from .pipe cimport Pipe\nfrom .other import Mixed\ncdef class Rules(Mixed):\n    pass\n",
        "cythonic/rules.cpython-312-x86_64-linux-gnu.so": "mixed",
        "cythonic/ruler.py": "from .pipe import Pipe\nclass Ruler(Pipe):\n    def __init__(self):\n        self._own = 1\n"
        "        self.pipe: Pipe = Pipe()\n",
        "cythonic/more.pyx": "from .pipe cimport Pipe\ncdef class Longer(Pipe):\n    cdef readonly int longer\n",
    },
    "copied": {
        "copied/__init__.py": "from copied import _native\nfor name in dir(_native):\n    if name.startswith('__'):\n        continue\n"
        "    made = getattr(_native, name)\n    if name == 'odd':\n        name = '_' + name\n    globals()[name] = made\n",
        "copied/_native.pyi": "def zeros(n: int) -> int: ...\ndef _hidden() -> int: ...\ndef odd() -> int: ...\n",
        "copied/_native.abi3.so": "zeros",
        "copied/begun.py": "for each in operations():\n    key = f'of_{each}'\n    globals()[key] = each\n",
        "copied/turns.py": "from copied import _native\nfor name in dir(_native):\n    for each in range(3):\n        if each:\n"
        "            name = 'of_' + name\n        globals()[name] = each\n",
        "copied/unread.py": "from copied import other\nfor name in dir(other):\n    globals()[name] = 1\n",
        "copied/other.abi3.so": "",
        "copied/shim.pyi": "class Loaded:\n    def run(self) -> int: ...\n",
        "copied/shim.abi3.so": "only loads another library",
    },
    "untyped": {
        "untyped/__init__.py": "def text() -> str: ...\n",
    },
    "protos": {
        "protos/__init__.py": "",
        "protos/user_pb2.py": "from google.protobuf.internal import builder as _builder\n_globals = globals()\n"
        "_builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, _globals)\n",
    },
    "swapping": {
        "swapping/__init__.py": "",
        "swapping/loop.py": "import sys\ndel sys.modules['swapping.loop']\nfrom swapping import chosen\nchosen.install()\n",
        "swapping/chosen.py": "import sys\ndef install():\n    sys.modules['swapping.loop'] = object()\n",
        "swapping/popped.py": "from sys import modules\nmodules.pop(__name__)\n",
        "swapping/named.py": "import sys\nsys.modules['swapping.named'] = object()\n",
        "swapping/deleted.py": "import sys\ndel sys.modules[__name__]\n",
        "swapping/others.py": "import sys\nsys.modules.pop('swapping.loop', None)\ndel sys.modules['swapping.named']\n"
        "def asked():\n    return sys.modules['swapping.others']\n",
        "swapping/script.py": "import sys\nif __name__ == '__main__':\n    del sys.modules['swapping.script']\n",
    },
    "making": {
        "making/__init__.py": "from .queues import Base, make, same\nfrom .adding import extend, Extended, Kind\n",
        "making/py.typed": "",
        "making/queues.py": "class Base:\n    def push(self): ...\n"
        "def make(c: type[Base]) -> type[Base]:\n    class More(c):\n        def pop(self): ...\n    return More\n"
        "def same(c: type[Base]) -> type[Base]:\n    return c\n",
        "making/adding.py": "from typing import TypeVar\nfrom .queues import Base\nT = TypeVar('T', bound=Base)\n"
        "def extend(c: type[T], name: str) -> type[T]:\n    class More(c):\n"
        "        @classmethod\n        def from_crawler(cls): ...\n    return More\nExtended = extend(Base, 'x')\n"
        "class Kind:\n    @property\n    def queue(self) -> type[Base]:\n        class More(Base):\n"
        "            vars()['po' + 'p'] = print\n        return More\n",
    },
    "operators": {
        "operators/__init__.py": "from operators.tools import add_deprecated, deprecation_getattr\n"
        "__old = {'bash_operator': {'Bash': 'operators.new.Bash'}, __name__: {'Base': 'operators.new.Base'}}\n"
        "add_deprecated(__old, __name__)\n",
        "operators/new.py": "class Bash: ...\nclass Base: ...\n",
        "operators/tools.py": "import sys\nclass Gone(Exception): ...\n"
        "def add_deprecated(table, package):\n    for name in table:\n        sys.modules[f'{package}.{name}'] = table[name]\n"
        "def deprecated_name(old, new):\n    deprecated(f'{old} was removed, use {new}')\n"
        "def deprecated(message):\n    raise Gone(message)\n"
        "def deprecated_if(old, new):\n    if old != new:\n        raise Gone(old)\n"
        "def not_here():\n    raise NotImplementedError\n"
        "def deprecation_getattr(module, table): ...\n",
        "operators/answering.py": "from operators.tools import deprecation_getattr\nimport typing\n"
        "_table = {'old': ('old is deprecated.', 1), 'gone': ('gone was removed.', None)}\n"
        "if typing.TYPE_CHECKING:\n    old = 1\nelse:\n    __getattr__ = deprecation_getattr(__name__, _table)\n",
        "operators/helped.py": "from operators.tools import deprecated_if, deprecated_name, not_here\nclass Reader:\n"
        "    def old(self, x):\n        deprecated_name('old', 'new')\n        return self.new(x)\n"
        "    def maybe(self, x):\n        deprecated_if('maybe', x)\n        return self.new(x)\n"
        "    def new(self, x):\n        not_here()\n",
    },
}


def check(root: Path, code: str, monkeypatch: pytest.MonkeyPatch, select: str = "VER2") -> list[tuple[int, str]]:
    worlds.build(root, {"python": "3.12"})
    site = root / ".venv" / "lib" / "python3.12" / "site-packages"
    for name, files in PACKAGES.items():
        for path, text in files.items():
            write(site / path, text)
        distribute(site, name, "1.0", *files)
    monkeypatch.chdir(root)
    (root / "example.py").write_text(code)
    report = run([root / "example.py"], Config(root=root, select=(select,), offline=True, no_cache=True), environ={})
    return [(each.span.line, each.code) for each in report.findings]


SILENT = {
    "modules that a package makes": "from operators import Base, bash_operator\nfrom operators.bash_operator import Bash\n"
    "import operators.bash_operator as other\nother.Bash()\nbash_operator.Bash.anything\n",
    "names that a table of deprecations answers": "from operators import answering\nanswering.old\n",
    "a helper that may raise": "from operators.helped import Reader\nReader().maybe(1)\nReader().new(1)\n",
    "a proxy that is said to be what it stands for": "from proxies import current\ncurrent._get_current_object()\n",
    "a fallback for where it is gone": "import torch\ntry:\n    torch.newer()\nexcept AttributeError:\n    torch.older()\n",
    "a suppressed import": "import contextlib\nwith contextlib.suppress(ImportError):\n    from torch import older\n",
    "an implementation's own keyword": "import loaders\nloaders.read('a', sep=';', size=3)\n",
    "overloads over an implementation that takes anything": "import loaders\nloaders.fetch('a', separator=';')\n",
    "an object that its module fills by names": "import webcodes\nwebcodes.codes.created\n",
    "guarded ujson": "try:\n    import ujson as json\nexcept ImportError:\n    import json\njson.dumps({}, escape_forward_slashes=False)\n",
    "typing only": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Nothing\n",
    "cv2": "import cv2\nimage = cv2.imread('a.png')\ncv2.cvtColor(image, cv2.COLOR_BGR2GRAY)\n",
    "torch functional": "import torch\ntorch.nn.functional.relu(torch.zeros(3))\n",
    "torch parameters of a module": "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.fc = torch.nn.Linear(1, 2)\nnet = Net()\nnet.anything\nnet.fc.weight\n",
    "sqlalchemy func": "from sqlalchemy import func\nfunc.anything(3)\nimport sqlalchemy\nsqlalchemy.func.nothing_known()\n",
    "mock": "from unittest.mock import Mock, MagicMock, patch\nMock().anything.at_all()\nMagicMock(spec=int).other\n",
    "django": "from django.db import models\nclass Author(models.Model):\n    name = models.CharField(max_length=3)\n"
    "Author.objects.filter(name='x')\nAuthor(name='x').pk\nAuthor.DoesNotExist\n",
    "boto3": "import boto3\nboto3.client('s3').put_object(Bucket='b', Key='k')\n",
    "pydantic": "from pydantic import BaseModel\nclass User(BaseModel):\n    name: str\nuser = User(name='x')\nuser.name.upper()\n"
    "User.model_fields\nuser.model_dump()\n",
    "declarative columns": "from sqlalchemy import Column\nfrom sqlalchemy.orm import declarative_base, DeclarativeBase\n"
    "Base = declarative_base()\nclass User(Base):\n    id = Column(primary_key=True)\nUser(id=3).id.anything\nUser.metadata\n"
    "class New(DeclarativeBase):\n    pass\nNew.registry\n",
    "attrs": "import attr\n@attr.s\nclass P:\n    x = attr.ib(default=1)\nP(x=3).x\nP(3)\n",
    "enum": "import enum\nclass Color(enum.Enum):\n    RED = 1\n    @property\n    def nice(self):\n        return self.name.lower()\n"
    "Color.RED.value\nColor['RED'].name\nColor(1).nice\nfor c in Color:\n    c.name\nlen(Color)\nColor.__members__\n",
    "lazy submodules": "import lazysci\nlazysci.signal.convolve([1], [2])\nlazysci.stats.norm()\n",
    "loaded submodule": "import eagerlib\neagerlib.used\n",
    "protobuf": "from protos import user_pb2\nuser_pb2.User(name='x')\nfrom protos.user_pb2 import Whatever\n",
    "monkey-patching": "import torch\ntorch.extra = 3\nprint(torch.extra)\n",
    "hasattr": "import torch\nif hasattr(torch, 'compile'):\n    torch.compile(3)\n",
    "narrowing": "def f(x: object):\n    if isinstance(x, str):\n        return x.upper()\n    return x.whatever\n",
    "two kinds": "import json\nimport random\nx = [] if random.random() > 0.5 else {}\nx.append(3)\n",
    "setattr": "class A:\n    def __init__(self, **kw):\n        for key, value in kw.items():\n            setattr(self, key, value)\nA(x=1).x\n",
    "slots and properties": "class A:\n    __slots__ = ('x', 'y')\n    @property\n    def z(self) -> str:\n        return ''\na = A()\na.x\na.z.upper()\n",
    "named tuple": "from collections import namedtuple\nfrom typing import NamedTuple\nP = namedtuple('P', 'x y')\nP(1, 2).x\nP(x=1, y=2)._asdict()\n"
    "class Q(NamedTuple):\n    a: int\n    b: str = ''\nQ(1).a.bit_length()\nQ(a=1)._replace(b='')\n",
    "dataclass": "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int\n    y: list = field(default_factory=list)\nP(1).y.append(2)\nP(x=1, y=[])\n",
    "typed dict": "from typing import TypedDict\nclass T(TypedDict, total=False):\n    a: int\nt = T(a=1)\nt.get('a')\n",
    "functions have attributes": "def f():\n    f.calls += 1\nf.calls = 0\nprint(f.calls)\nimport functools\n@functools.lru_cache\ndef g(n):\n    return n\ng.cache_clear()\ng(3)\n",
    "except": "import urllib.error\ntry:\n    pass\nexcept urllib.error.HTTPError as e:\n    print(e.code, e.reason)\n",
    "subclass of what is annotated": "import logging\ndef f(handler: logging.Handler):\n    handler.stream.flush()\n",
    "os and sys": "import os, sys\nos.path.join('a', 'b')\nsys.stdout.buffer.write(b'')\nos.environ.get('A')\nsys.stdin.readline().strip()\nos.getcwd().split('/')\n",
    "threading": "import threading\nlocal = threading.local()\nlocal.x = 1\nlocal.y\n",
    "argparse": "import argparse\np = argparse.ArgumentParser()\ng = p.add_mutually_exclusive_group()\ng.add_argument('-x')\np.parse_args().x\n",
    "context manager": "from contextlib import contextmanager\n@contextmanager\ndef opened():\n    yield open('x')\nwith opened() as f:\n    f.read()\n",
    "context manager of a class": "from contextlib import contextmanager\nclass A:\n    @classmethod\n"
    "    @contextmanager\n    def opened(cls):\n        yield open('x')\nwith A.opened() as f:\n    f.read()\n",
    "decorated beyond knowing": "def deco(f):\n    def inner(a, b, c):\n        return f(a)\n    return inner\n@deco\ndef g(a):\n    pass\ng(1, 2, 3)\n",
    "classmethods": "class A:\n    @classmethod\n    def make(cls, x):\n        return cls()\n    @staticmethod\n    def help(y):\n        return y\nA.make(1).help(2)\nA().make(x=1)\n",
    "super": "class A:\n    def __init__(self, a, **kw):\n        super().__init__(**kw)\nclass B:\n    def __init__(self, b):\n        pass\nclass C(A, B):\n    pass\nC(a=1, b=2)\n",
    "generic": "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n    def __init__(self, item: T):\n        self.item = item\n    def get(self) -> T:\n        return self.item\nBox('x').get().upper()\n",
    "star import": "from os.path import *\njoin('a', 'b')\n",
    "reassigned": "x = 'a b'\nx = x.split()\nx.append('c')\n",
    "loop variable": "for line in open('x'):\n    line.strip()\nfor k, v in {'a': [1]}.items():\n    k.upper()\n    v.append(2)\n",
    "comprehension": "names = [n.strip() for n in open('x')]\nnames.sort()\n[a.upper() for a in 'abc'.split()]\n",
    "async": "import asyncio\nasync def f():\n    reader, writer = await asyncio.open_connection('h', 1)\n    writer.write(b'')\n    data = await reader.read(3)\n    data.decode()\n",
    "subprocess": "import subprocess\np = subprocess.run(['a'], capture_output=True, text=True)\np.stdout.strip()\nq = subprocess.Popen('a')\nq.communicate()[0].decode()\n",
    "re": "import re\nm = re.match('a', 'b')\nif m:\n    m.group(0).upper()\nre.compile('x').sub('a', 'b').lower()\n",
    "datetime": "from datetime import datetime, timedelta\n(datetime.now() - timedelta(days=1)).strftime('%Y')\n(datetime.now() - datetime.now()).total_seconds()\n",
    "next of a kind by C3": "from lib import Box, Middle\nclass C(Middle, Box):\n    pass\nC(1, extra=2)\n",
    "subclass of what is returned": "import lib\nlib.make().corners()\nlib.nodes.first().only_leaf()\n",
    "set from outside": "from lib import Kept\nKept().fit().n_seen_\n",
    "decorated in the source beside a stub": "from lib.stubbed import T\nT().more\n",
    "compiled beside a stub": "from lib import native\nnative.span(1, 2, 'f8')\nnative.span(start=1)\nnative.Clock().tock()\n",
    "annotations without py.typed": "import untyped\nuntyped.text().whatever()\n",
    "dictionary that changes": "d = {'k': 'x'}\nd['l'] = []\nd['l'].append(1)\nrows = [''] * 3\nrows[0] = {}\nrows[0].items()\n",
    "annotation of a dictionary": "from typing import Any\nd: dict[str, Any] = {'k': 'x'}\nd['l'].append(1)\n",
    "added to in place": "total = 0\nfor each in input_values():\n    total += each\ntotal.item()\n",
    "right operand decides": "from datetime import datetime\ndef f(column):\n    return (datetime.now() - column).dt.days\n",
    "starred arguments and overloads": "import subprocess\ndef f(*a, **k):\n    subprocess.run(*a, **k).stdout.strip()\n",
    "dataclass that drops a field": "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    root: str\n"
    "@dataclass\nclass Q(P):\n    repo: str\n    root: str = field(init=False)\nQ('r')\nclass R(P):\n    pass\nR('r')\n",
    "descriptor that only sets": "class Reset:\n    def __set__(self, obj, value): ...\nclass G:\n    x = Reset()\n    def f(self):\n"
    "        self.x.clear()\nG().f()\n",
    "version test in a conjunction": "import sys\nif sys.version_info >= (3, 20) and sys.new_thing():\n    pass\n",
    "tested call": "d = {'k': 'x'}\nclass A:\n    def get(self) -> int:\n        return 1\na = A()\nif isinstance(a.get(), str):\n"
    "    a.get().upper()\n",
    "deliberate failure": "import pytest\nwith pytest.raises(TypeError):\n    len()\nimport contextlib\n"
    "with contextlib.suppress(AttributeError):\n    'a'.nothing()\n",
    "given by name to a patcher": "def test(monkeypatch):\n    s = 'a'\n    monkeypatch.setattr(s, 'odd', 1)\n    s.odd\n",
    "class in __new__": "class A:\n    def __new__(cls, *parts):\n        return cls.make(1)\n    def __call__(self): ...\n"
    "    @classmethod\n    def make(cls, x, y=2): ...\nA(1, 2)\n",
    "bound again in the branch": "def f(x, other):\n    if isinstance(x, dict):\n        x = other(x)\n        x.shape\n    x = x + 1\n",
    "unknown base": "from somewhere import make_base\nclass P(make_base('x')):\n    pass\nclass C(P):\n    def __init__(self, a):\n"
    "        P.__init__(self, a)\nC(1)\n",
    "metaclass method": "class M(type):\n    def build(cls, x):\n        return cls(x)\nclass K(metaclass=M):\n    def __init__(self, x): ...\nK.build(1)\n",
    "type: ignore": "'a'.nothing()  # type: ignore[attr-defined]\n",
    "type: ignore over an import": "from torch.nn import (  # type: ignore\n    Linearr,\n)\n",
    "builtins of checkers": "def f(x):\n    return function(x)\n",
    "type comment": "import json\nx = []  # type: Whatever\nx.anything()\n",
    "import by version": "import torch\nif torch.__version__ > '3':\n    from torch.nn import Newer\nelse:\n    from torch.nn import Older\n",
    "property over what objects hold": "from bodies import Body\ndef f(body: Body):\n    body.frame.turn()\n    body.name.strip()\n",
    "subclass of what a check lets in": "from bodies import Joint\nimport bodies\ndef f(joint: Joint):\n    joint.first.frame.back()\n"
    "    joint.second.turn()\n",
    "check that raises nothing": "from bodies import Joint\ndef f(joint: Joint):\n    joint.fourth.anything()\n",
    "check after the assignment": "from bodies import Joint\ndef f(joint: Joint):\n    joint.fifth.anything()\n",
    "check in one branch only": "from bodies import Axes\ndef f(axes: Axes):\n    axes.body.anything()\n",
    "checked, then bound again": "from bodies import Axes\ndef f(axes: Axes):\n    axes.other.anything()\n",
    "class attribute in a property's place": "from bodies import Lamp\ndef f(lamp: Lamp):\n    lamp.frame.anything()\n",
    "set by the file": "from bodies import Joint\ndef f(joint: Joint, other):\n    joint.first = other\n    joint.first.anything()\n",
    "data that a metaclass adds": "from algebra import Free\nFree().anything()\nFree(1)\n",
    "data that a metaclass adds to a class known for that": "from sympy.core.basic import Expr\ndef f(e: Expr):\n    e.is_real\n    e.walk()\n",
    "set in another function": "from bodies import Joint\ndef f(joint: Joint):\n    joint.first.anything()\ndef g(joint, other):\n    joint.first = other\n",
    "set in a loop": "from bodies import Joint\ndef f(joint: Joint, others):\n    for each in others:\n        joint.first.anything()\n        joint.first = each\n",
    "copied from another module": "import copied\ncopied.zeros(1)\ncopied._hidden()\ncopied._anything\n",
    "names that begin alike": "import copied.begun\ncopied.begun.of_sums\n",
    "bound anew in some turns": "import copied.turns\ncopied.turns.anything\n",
    "copied from what nobody can read": "import copied.unread\ncopied.unread.anything\n",
    "compiled file that only loads another": "from copied.shim import Loaded\nLoaded().anything()\n",
    "registered by another distribution": "import torch\ntorch.npu.synchronize()\n",
    "names of the language's machinery": "from bodies import Abstract\ndef f(a: Abstract):\n    a._abc_impl\n    a._Abstract__hidden\n",
    "shown by Cython's source": "from cythonic import Pipe\np = Pipe()\np.unsaid(1)\np.old\np._secret\np.alias()\np.name\np.first\np.second\n",
    "Cython class with a dictionary": "from cythonic import Wide\nWide().mentioned\nWide()._anything\n",
    "Python class in Cython's source": "from cythonic import Plain\nPlain().mentioned\nPlain()._anything\n",
    "base that only Cython's source has": "from cythonic import Rules\nRules().mixed\nRules()._anything\n",
    "subclass in Cython's source": "from cythonic import Ruler\ndef f(ruler: Ruler):\n    ruler.pipe.longer\n    ruler._own\n    ruler.name\n",
    "windows only": "import os\nos.startfile('a')\nimport msvcrt\nmsvcrt.getch()\n",
    "pathlib": "from pathlib import Path\n(Path('a') / 'b').with_suffix('.c').read_text().splitlines()\nfor p in Path('.').glob('*'):\n    p.stem.upper()\n",
    "module that takes itself away": "from swapping import deleted, loop, named, popped\nloop.run()\npopped.run()\nnamed.run()\n"
    "deleted.run()\nfrom swapping.loop import stop\n",
    "class that a function makes": "from making import Base, Extended, Kind, extend, make\nmake(Base).top()\nmake(Base)().top()\n"
    "extend(Base, 'x').from_any()\nExtended.from_any()\nKind().queue.top()\nclass Mine(make(Base)):\n    pass\nMine().top()\n",
    "class that a function of the file makes": "from making import Base\ndef more(c: type[Base]) -> type[Base]:\n"
    "    class More(c):\n        def __getattr__(self, name): ...\n    return More\nmore(Base).top()\nmore(Base)().top()\n",
}

LOUD = {
    "modules that a package does not make": (
        "from operators import Bases, bash_operators\nfrom operators.bash_operator import Bashes\n",
        [(1, "VER201"), (1, "VER201"), (2, "VER201")],
    ),
    "names that a table of deprecations refuses": (
        "from operators import answering\nanswering.gone\nanswering.other\n",
        [(2, "VER202"), (3, "VER202")],
    ),
    "a helper that raises": ("from operators.helped import Reader\nReader().old(1)\n", [(2, "VER209")]),
    "an annotation whose value is of that class": (
        "from proxies import real, unknown\nreal.nothing()\nunknown.nothing()\n",
        [(2, "VER202"), (3, "VER202")],
    ),
    "a handler of something else": (
        "import torch\ntry:\n    print(1)\nexcept ValueError:\n    torch.older()\n",
        [(5, "VER202")],
    ),
    "overloads that take anything": ("import loaders\nloaders.read('a', separator=';')\n", [(2, "VER204")]),
    "an object beside one that is filled by names": ("import webcodes\nwebcodes.plain.created\n", [(2, "VER202")]),
    "torch functional": ("import torch\ntorch.nn.functional.reluu(3)\n", [(2, "VER202")]),
    "torch gone": ("import torch\ntorch.symeig(3)\n", [(2, "VER209")]),
    "torch wrong keyword": ("from torch.nn import Linear\nLinear(1, 2, with_bias=True)\n", [(2, "VER204")]),
    "lazy submodules": ("import lazysci\nlazysci.signals\n", [(2, "VER202")]),
    "unloaded submodule": ("import eagerlib\neagerlib.unused.value\n", [(2, "VER203")]),
    "method of the stub's class": ("from lib.stubbed import U\nU().nothing\n", [(2, "VER202")]),
    "compiled, and not even in its bytes": ("from lib import native\nnative.Clock().strike()\n", [(2, "VER202")]),
    "base by C3": (
        "from lib import Box, Middle\nclass C(Middle, Box):\n    pass\nC(1, x=2)\n",
        [(4, "VER204")],
    ),
    "no subclass has it": ("import lib\nlib.make().angles()\n", [(2, "VER202")]),
    "element of a typed list": ("from lib import Box\nBox(1).corners()[0].push()\n", [(2, "VER202")]),
    "no such name": ("from torch.nn import Linearr\n", [(1, "VER201")]),
    "boto3": ("import boto3\nboto3.clients('s3')\n", [(2, "VER202")]),
    "enum": ("import enum\nclass Color(enum.Enum):\n    RED = 1\nColor.RED.valu\n", [(4, "VER202")]),
    "both kinds": ("import random\nx = [] if random.random() > 0.5 else ()\nx.push(3)\n", [(3, "VER202")]),
    "narrowed": ("def f(x):\n    if isinstance(x, str):\n        return x.push()\n", [(3, "VER202")]),
    "dataclass": ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(z=1)\n", [(5, "VER204")]),
    "loop variable": ("for line in open('x'):\n    line.push()\n", [(2, "VER202")]),
    "pathlib": ("from pathlib import Path\n(Path('a') / 'b').with_suffix('.c').read_txt()\n", [(2, "VER202")]),
    "super": (
        "class A:\n    def __init__(self, a, **kw):\n        super().__init__(**kw)\nclass B:\n    def __init__(self, b):\n        pass\nclass C(A, B):\n    pass\nC(a=1, c=2)\n",
        [(9, "VER204")],
    ),
    "unpacked": ("import os\nfor root, dirs, files in os.walk('.'):\n    files.push(root)\n", [(3, "VER202")]),
    "element": ("names = 'a b'.split()\nnames[0].push()\n", [(2, "VER202")]),
    "property over what objects hold": (
        "from bodies import Beam\ndef f(beam: Beam):\n    beam.frame.origin\n",
        [(3, "VER202")],
    ),
    "what a check lets in": (
        "from bodies import Joint\ndef f(joint: Joint):\n    joint.first.mass\n    joint.second.mass\n    joint.third.frame.mass\n",
        [(3, "VER202"), (4, "VER202"), (5, "VER202")],
    ),
    "set by the file, but later": (
        "from bodies import Joint\ndef f(joint: Joint, other):\n    joint.first.mass\n    joint.first = other\n",
        [(3, "VER202")],
    ),
    "method that no metaclass of data adds": (
        "from sympy.core.basic import Expr\ndef f(e: Expr):\n    e.walks()\n",
        [(3, "VER202")],
    ),
    "copied from another module": ("import copied\ncopied.ones(1)\n", [(2, "VER202")]),
    "names that begin otherwise": ("import copied.begun\ncopied.begun.sums\n", [(2, "VER202")]),
    "registered by nobody": ("import torch\ntorch.windows.hann(3)\n", [(2, "VER202")]),
    "private, above only an abstract class": (
        "from bodies import Abstract\ndef f(body: Abstract):\n    body._mass\n    body._name\n",
        [(3, "VER202")],
    ),
    "C attribute of a Cython class": (
        "from cythonic import Pipe\np = Pipe()\np.hidden\np.local\np.mentioned\n",
        [(3, "VER202"), (4, "VER202"), (5, "VER202")],
    ),
    "private name above a Cython class": (
        "from cythonic import Ruler\ndef f(ruler: Ruler):\n    ruler._own\n    ruler._ids\n    ruler.pipe._ids\n",
        [(4, "VER202"), (5, "VER202")],
    ),
    "async": (
        "import asyncio\nasync def f():\n    reader, writer = await asyncio.open_connection('h', 1)\n"
        "    writer.send(b'')\n",
        [(4, "VER202")],
    ),
    "module that takes another away": (
        "from swapping import others, script\nothers.run()\nscript.run()\nfrom swapping.others import stop\n",
        [(2, "VER202"), (3, "VER202"), (4, "VER201")],
    ),
    "class that a function is given and gives back": (
        "from making import Base, same\nBase.top()\nsame(Base).top()\ndef f(c: type[Base]):\n    c.top()\n",
        [(2, "VER202"), (3, "VER202"), (5, "VER202")],
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(tmp_path, SILENT[name], monkeypatch) == []


@pytest.mark.parametrize("name", LOUD)
def test_loud(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, expected = LOUD[name]
    assert check(tmp_path, code, monkeypatch) == expected


def test_local_module_shadows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("def anything(): ...\n")
    assert check(tmp_path, "import torch\ntorch.anything()\n", monkeypatch) == []
