"""What Django models declare (https://docs.djangoproject.com/en/stable/ref/models/fields/)."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from verifier.sql.orm.django_meta import read_meta
from verifier.sql.orm.model import Family, Field, Index, Model
from verifier.sql.orm.modules import Module, Place, locate, path_of

TYPES = {
    **dict.fromkeys(("AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField"), "INTEGER"),
    **dict.fromkeys(("PositiveIntegerField", "PositiveSmallIntegerField", "SmallIntegerField"), "INTEGER"),
    **dict.fromkeys(("PositiveBigIntegerField", "DurationField"), "INTEGER"),
    **dict.fromkeys(("CharField", "TextField", "EmailField", "URLField", "SlugField", "UUIDField"), "TEXT"),
    **dict.fromkeys(("FileField", "ImageField", "FilePathField", "GenericIPAddressField", "IPAddressField"), "TEXT"),
    **dict.fromkeys(("BooleanField", "NullBooleanField"), "BOOLEAN"),
    **dict.fromkeys(("DecimalField", "FloatField"), "NUMERIC"),
    "DateField": "DATE",
    "DateTimeField": "DATETIME",
    "TimeField": "TIME",
    **dict.fromkeys(("JSONField", "BinaryField"), "BLOB"),
    **dict.fromkeys(("ForeignKey", "OneToOneField"), "INTEGER"),
}
_OWN = frozenset({"ForeignKey", "OneToOneField"})
_MANY = frozenset({"ManyToManyField", "GenericForeignKey", "GenericRelation"})
_MODEL = "django.db.models.Model"
_USER = {
    "username": Field("username", "username", unique=True, index=True),
    **{each: Field(each, each) for each in ("first_name", "last_name", "email", "password")},
    **{each: Field(each, each, "BOOLEAN") for each in ("is_staff", "is_active", "is_superuser")},
    **{each: Field(each, each, "DATETIME") for each in ("date_joined", "last_login")},
    **{each: Field(each, many=True) for each in ("groups", "user_permissions")},
}
"""https://docs.djangoproject.com/en/stable/ref/contrib/auth/#fields"""
_KNOWN = {
    "django.contrib.auth.models.AbstractUser": tuple(_USER),
    "django.contrib.auth.models.AbstractBaseUser": ("password", "last_login"),
    "django.contrib.auth.models.PermissionsMixin": ("is_superuser", "groups", "user_permissions"),
}
_DEEPEST = 8


@dataclass(slots=True)
class _Draft:
    """One class while it is being read, what it inherits included."""

    fields: dict[str, Field] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    indexes: list[Index] = field(default_factory=list)
    managers: dict[str, bool] = field(default_factory=dict)
    model: bool = False
    closed: bool = True
    unindexed: bool = False
    vague: bool = False
    constructor: bool = True
    abstract: bool = False
    table: str = ""
    label: str = ""


def read_django(place: Place) -> Model | None:
    """The model that a class declares; None where it is none, or abstract."""
    assert isinstance(place.node, ast.ClassDef)  # noqa: S101  # the caller's choice
    draft = _class(place.module, place.node, 0)
    if draft is None or not draft.model or draft.abstract:
        return None
    if not any(each.primary for each in draft.fields.values()):
        draft.fields = {"id": Field("id", "id", "INTEGER", primary=True), **draft.fields}
    managers = draft.managers or {"objects": True}
    managers = {**managers, "_default_manager": all(managers.values())}
    file = place.module.file
    label = draft.label or (file.parent.name if file is not None and file.name == "models.py" else "")
    default = f"{label}_{place.name}".lower() if label.isidentifier() else ""
    return Model(
        name=place.name,
        table=draft.table or default or place.name.lower(),
        family=Family.DJANGO,
        fields=draft.fields,
        names=frozenset({*draft.names, *draft.fields, "pk"}),
        indexes=tuple(draft.indexes),
        named=bool(draft.table),
        default=default if draft.table else "",
        closed=draft.closed,
        unindexed=draft.unindexed,
        vague=draft.vague,
        constructor=draft.constructor,
        managers=tuple(each for each, plain in managers.items() if plain),
        line=place.node.lineno,
        end=place.node.end_lineno or place.node.lineno,
        file=str(file or ""),
    )


def _class(module: Module, node: ast.ClassDef, depth: int) -> _Draft | None:
    """What a class and its bases declare; None where a base shows that it is no model of Django."""
    draft = _Draft()
    if depth > _DEEPEST:
        return None
    for base in reversed(node.bases):
        _inherit(draft, module, base, depth)
    if node.decorator_list or any(each.arg == "metaclass" for each in node.keywords):
        draft.closed = draft.constructor = False
    metas: list[ast.ClassDef] = []
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                draft.names.add(name)
                _attribute(draft, module, name, value)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                draft.names.add(name)
                draft.constructor = draft.constructor and name != "__init__"
                draft.closed = draft.closed and name not in {"__getattr__", "__getattribute__"}
            case ast.ClassDef(name="Meta"):
                metas.append(statement)
            case ast.ClassDef(name=name):
                draft.names.add(name)
            case ast.Pass() | ast.Expr() | ast.AnnAssign(value=None):
                pass
            case _:
                draft.closed = False
    for each in metas:
        meta = read_meta(each, draft.fields)
        draft.indexes += meta.indexes
        draft.unindexed = draft.unindexed or meta.unindexed
        draft.vague = draft.vague or meta.vague
        draft.abstract, draft.table, draft.label = meta.abstract, meta.table, meta.label
    return draft


def _inherit(draft: _Draft, module: Module, base: ast.expr, depth: int) -> None:
    path = path_of(module, base)
    if path == _MODEL:
        draft.model = True
    elif path in _KNOWN:
        draft.model = True
        draft.fields.update({name: _USER[name] for name in _KNOWN[path]})
        draft.managers["objects"] = True
        draft.names |= {"is_authenticated", "is_anonymous", "get_full_name", "get_username", "set_password"}
    elif path not in {"builtins.object", "object"}:
        name = path.removeprefix("<local>.")
        place: Place | None = None
        if path.startswith("<local>.") and name in module.classes:
            place = Place(module, name, module.classes[name])
        elif path:
            place = locate(module, path)
        if place is None or not isinstance(place.node, ast.ClassDef):
            draft.closed = draft.constructor = False
            return
        above = _class(place.module, place.node, depth + 1)
        if above is None:
            draft.closed = False
            return
        _merge(draft, above)


def _merge(draft: _Draft, above: _Draft) -> None:
    if above.model and not above.abstract:
        # a table of its own, joined to the parent's
        draft.vague = True
    draft.fields.update(above.fields)
    draft.names |= above.names
    draft.indexes += above.indexes
    draft.managers.update(above.managers)
    draft.model = draft.model or above.model
    draft.closed = draft.closed and above.closed
    draft.unindexed = draft.unindexed or above.unindexed
    draft.constructor = draft.constructor and above.constructor


def _attribute(draft: _Draft, module: Module, name: str, value: ast.expr) -> None:
    draft.fields.pop(name, None)
    if not isinstance(value, ast.Call):
        return
    path = path_of(module, value.func)
    kind = path.rpartition(".")[2]
    django = path.startswith("django.")
    if kind.endswith("Manager") or kind in {"as_manager", "from_queryset", "from_queryset()"} or "Manager" in path:
        draft.managers[name] = django or _plain_manager(module, path)
    elif django and kind in TYPES:
        draft.model = draft.model or path.startswith("django.db.models.")
        made = _field(name, kind, value)
        draft.unindexed = draft.unindexed or any(each.arg is None for each in value.keywords)
        draft.fields[name] = made
    elif django and kind in _MANY:
        draft.fields[name] = Field(name, many=True, target=_target(value), related=_text(value, "related_name"))
    elif kind.endswith(("Field", "Key", "Manager")) or kind == "ForeignObject" or not path:
        draft.fields[name] = Field(name)
        draft.closed = False


def _plain_manager(module: Module, path: str) -> bool:
    """Whether a manager of the project gives all rows as they are."""
    name = path.removeprefix("<local>.")
    place = Place(module, name, module.classes[name]) if name in module.classes else locate(module, path)
    if place is None or not isinstance(place.node, ast.ClassDef):
        return False
    methods = {each.name for each in place.node.body if isinstance(each, ast.FunctionDef)}
    bases = [path_of(place.module, each) for each in place.node.bases]
    return "get_queryset" not in methods and all(each.startswith("django.") for each in bases)


def _field(name: str, kind: str, call: ast.Call) -> Field:
    own = kind in _OWN
    primary = _flag(call, "primary_key")
    unique = _flag(call, "unique") or kind == "OneToOneField"
    default = own or kind == "SlugField"
    indexed = _flag(call, "db_index", default=default)
    choices = any(each.arg == "choices" for each in call.keywords)
    return Field(
        name=name,
        column=_text(call, "db_column") or (f"{name}_id" if own else name),
        type="ENUM" if choices else TYPES[kind],
        index=indexed or unique,
        unique=unique,
        primary=primary,
        target=_target(call) if own else "",
        related=_text(call, "related_query_name") or _text(call, "related_name"),
        line=call.lineno,
    )


def _flag(call: ast.Call, name: str, *, default: bool = False) -> bool:
    for each in call.keywords:
        if each.arg == name:
            return each.value.value is True if isinstance(each.value, ast.Constant) else True
    return default


def _text(call: ast.Call, name: str) -> str:
    for each in call.keywords:
        if each.arg == name and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
            return each.value.value
    return ""


def _target(call: ast.Call) -> str:
    """The name of the model that a relation leads to, `self` included; `?` where it is not written."""
    given = call.args[0] if call.args else next((each.value for each in call.keywords if each.arg == "to"), None)
    match given:
        case ast.Constant(value=str() as name):
            return name.rpartition(".")[2]
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return "?"
