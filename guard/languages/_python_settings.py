"""Fields of settings classes and records in Python: what they start with."""

from __future__ import annotations

from guard.facts import Call, Name, Value

_FIELDS = frozenset({"field", "Field", "attrib", "ib", "PrivateAttr"})


def setting_default(value: Value) -> Value:
    """The default of a field of a settings class: `Field("x")` and `Field(default="x")` stand for it."""
    if isinstance(value, Call) and value.name.rsplit(".", 1)[-1] in {"Field", "field"}:
        return value.option("default") or value.positional(0) or value
    return value


def field_start(value: Value) -> Value:
    """What a field of a record starts with on each instance: `field(default_factory=dict)` starts with `dict()`."""
    if isinstance(value, Call) and value.name.rsplit(".", 1)[-1] in _FIELDS:
        factory = value.option("default_factory") or value.option("factory")
        if isinstance(factory, Name):
            return Call(factory.path, (), value.span, value.scope)
    return value
