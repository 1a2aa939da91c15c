"""`dataclass` as in the standard library, for frozen values with slots in a third of the time: an agent waits while they are made.

The standard library compiles six methods a class. Here only `__init__` is compiled; the others are shared functions over an
`attrgetter`, which is as fast as what would have been compiled. Type checkers see the standard library's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

__all__ = ["dataclass"]

_NONE_GIVEN: Any = object()

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, order: bool = False, eq: bool = True) -> Callable[[type], type]:
        """What the standard library's makes of a class."""
        if frozen and slots and eq:
            return lambda cls: _value_class(cls, order=order)
        return dataclasses.dataclass(frozen=frozen, slots=slots, order=order, eq=eq)


def _value_class(cls: type, *, order: bool) -> type:
    own = set(vars(cls))
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)
    if any(field.kw_only for field in fields):
        raise TypeError(f"{cls.__qualname__}: fields of this kind need the standard library's dataclass")
    compared = _getter([field.name for field in fields if field.compare])
    methods = {
        "__init__": _initialiser(made, [field for field in fields if field.init]),
        "__repr__": _representation([field.name for field in fields if field.repr]),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        **_comparison(compared),
        **_copying(made, [field.name for field in fields]),
        **(_ordering(compared) if order else {}),
    }
    for name, method in methods.items():
        if name not in own or (name == "__hash__" and cls.__hash__ is None):
            setattr(made, name, method)
    return cast(type, made)


def _initialiser(cls: Any, fields: list[dataclasses.Field[Any]]) -> Callable[..., None]:  # noqa: ANN401
    known: dict[str, Any] = {"_none": _NONE_GIVEN}
    parameters, body = ["self"], []
    for number, field in enumerate(fields):
        known[f"_set{number}"] = getattr(cls, field.name).__set__
        value = field.name
        if field.default_factory is not dataclasses.MISSING:
            known |= {f"_make{number}": field.default_factory, f"_default{number}": _NONE_GIVEN}
            value = f"_make{number}() if {field.name} is _none else {field.name}"
        elif field.default is not dataclasses.MISSING:
            known[f"_default{number}"] = field.default
        parameters.append(f"{field.name}=_default{number}" if f"_default{number}" in known else field.name)
        body.append(f"_set{number}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"]), known)  # noqa: S102 - as the standard library does
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """The values of these fields, as a tuple whatever their number."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _comparison(values: Callable[[Any], tuple[Any, ...]]) -> dict[str, Callable[..., Any]]:
    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return {"__eq__": equal, "__hash__": lambda self: hash(values(self))}


def _ordering(values: Callable[[Any], tuple[Any, ...]]) -> dict[str, Callable[..., Any]]:
    def less(self: object, other: object) -> bool:
        return values(self) < values(other) if other.__class__ is self.__class__ else NotImplemented

    def at_most(self: object, other: object) -> bool:
        return values(self) <= values(other) if other.__class__ is self.__class__ else NotImplemented

    return {"__lt__": less, "__le__": at_most}  # Python asks the other one for the opposites


def _representation(names: list[str]) -> Callable[[Any], str]:
    return lambda self: f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"


def _copying(cls: Any, names: list[str]) -> dict[str, Callable[..., Any]]:  # noqa: ANN401
    """What `copy` and `pickle` use, since nothing can be set."""
    setters = [getattr(cls, name).__set__ for name in names]

    def restore(self: object, state: list[Any]) -> None:
        for put, value in zip(setters, state, strict=True):
            put(self, value)

    return {"__getstate__": lambda self: [getattr(self, name) for name in names], "__setstate__": restore}


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
