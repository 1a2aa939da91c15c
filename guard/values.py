"""Dataclasses that cost next to nothing until the first value is made. A drop-in for what this package uses of `dataclasses`.

`dataclasses` generates and compiles up to ten methods a class when a module is imported; with the eighty value classes here
that takes longer than many a review. Here `__init__` is compiled when a class is first used, and the other methods are shared.
Type checkers see the real thing, and `dataclasses.replace`, `fields` and `asdict` work on these classes too.
"""

# ruff: noqa: ANN401 - this stands for what is typed elsewhere: type checkers look there
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, replace
else:
    from operator import attrgetter

    _MISSING = object()

    class _Field:
        """What `field(…)` says of one field."""

        __slots__ = ("compare", "default", "default_factory", "init", "repr")

        def __init__(self, default: Any, default_factory: Any, *, init: bool, shown: bool, compare: bool) -> None:
            self.default, self.default_factory = default, default_factory
            self.init, self.repr, self.compare = init, shown, compare

    def field(
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - its name in dataclasses
        compare: bool = True,
    ) -> _Field:
        """Say more of a field than its type and its default."""
        return _Field(default, default_factory, init=init, shown=repr, compare=compare)

    def replace(value: Any, /, **changes: Any) -> Any:
        """The value with other contents in some fields."""
        kept = {name: getattr(value, name) for name, spec in value.__specs__.items() if spec.init and name not in changes}
        return value.__class__(**kept, **changes)

    def dataclass(*, frozen: bool = False, slots: bool = False, order: bool = False, eq: bool = True) -> Callable[[type], type]:
        """Make a class of values, as the decorator of that name in `dataclasses` does."""

        def decorate(cls: type) -> type:
            if any(hasattr(base, "__specs__") for base in cls.__bases__):
                raise TypeError(f"{cls.__name__}: values can not be derived from values")
            contents = {name: entry for name, entry in cls.__dict__.items() if name not in ("__dict__", "__weakref__")}
            specs = {name: _spec(contents.pop(name, _MISSING)) for name in contents.get("__annotations__", ())}
            contents |= _methods(specs, frozen=frozen, post="__post_init__" in contents)
            contents |= _comparisons(specs, order=order, hashed=frozen) if eq else {}
            contents |= {"__slots__": tuple(specs)} if slots else {}
            return type(cls)(cls.__name__, cls.__bases__, contents)

        return decorate

    def _spec(given: Any) -> _Field:
        return given if isinstance(given, _Field) else _Field(given, _MISSING, init=True, shown=True, compare=True)

    def _methods(specs: dict[str, _Field], *, frozen: bool, post: bool) -> dict[str, Any]:
        guarded = {"__setattr__": _refuse, "__delattr__": _refuse, "__setstate__": _restore} if frozen else {}
        return {
            "__specs__": specs,
            "__match_args__": tuple(name for name, spec in specs.items() if spec.init),
            "__init__": _init_when_first_used(specs, frozen=frozen, post=post),
            "__repr__": _repr,
            "__dataclass_fields__": _Fields(),
            **guarded,
        }

    # -- making a value --

    def _init_when_first_used(specs: dict[str, _Field], *, frozen: bool, post: bool) -> Any:
        def first(self: Any, *arguments: Any, **named: Any) -> None:
            cls = next(cls for cls in type(self).__mro__ if cls.__dict__.get("__specs__") is specs)
            cls.__init__ = _compiled_init(cls, specs, frozen=frozen, post=post)
            cls.__init__(self, *arguments, **named)

        return first

    def _compiled_init(cls: type, specs: dict[str, _Field], *, frozen: bool, post: bool) -> Any:
        known: dict[str, Any] = {"_unset": _MISSING}
        parameters = [_parameter(name, spec, known) for name, spec in specs.items() if spec.init]
        given = {name: _given(name, spec, known) for name, spec in specs.items()}
        lines = [_assignment(cls, name, text, known, frozen=frozen) for name, text in given.items() if text]
        lines += ["self.__post_init__()"] if post else []
        text = f"def __init__({', '.join(['self', *parameters])}):\n " + "\n ".join(lines or ["pass"])
        exec(text, known)  # noqa: S102 - made of the names of our own fields, as dataclasses does
        return known["__init__"]

    def _parameter(name: str, spec: _Field, known: dict[str, Any]) -> str:
        if spec.default_factory is not _MISSING:
            return f"{name}=_unset"
        if spec.default is _MISSING:
            return name
        known[f"_default_{name}"] = spec.default
        return f"{name}=_default_{name}"

    def _given(name: str, spec: _Field, known: dict[str, Any]) -> str:
        """The expression for a field's content, "" where `__post_init__` sets it."""
        if spec.default_factory is _MISSING:
            return name if spec.init else ""
        known[f"_new_{name}"] = spec.default_factory
        return f"_new_{name}() if {name} is _unset else {name}" if spec.init else f"_new_{name}()"

    def _assignment(cls: type, name: str, given: str, known: dict[str, Any], *, frozen: bool) -> str:
        if not frozen:
            return f"self.{name} = {given}"
        if "__slots__" not in cls.__dict__:
            return f"self.__dict__[{name!r}] = {given}"
        known[f"_set_{name}"] = cls.__dict__[name].__set__  # passes by the class's refusal, and is the fastest way
        return f"_set_{name}(self, {given})"

    # -- what values can do --

    def _comparisons(specs: dict[str, _Field], *, order: bool, hashed: bool) -> dict[str, Any]:
        names = [name for name, spec in specs.items() if spec.compare]
        contents = attrgetter(*names) if names else len

        def same(self: Any, other: Any) -> Any:
            return contents(self) == contents(other) if other.__class__ is self.__class__ else NotImplemented

        def less(self: Any, other: Any) -> Any:
            return contents(self) < contents(other) if other.__class__ is self.__class__ else NotImplemented

        def less_or_same(self: Any, other: Any) -> Any:
            return contents(self) <= contents(other) if other.__class__ is self.__class__ else NotImplemented

        def hashing(self: Any) -> int:
            return hash(contents(self))

        # Python asks for `>` and `>=` the other way round by itself.
        ordering = {"__lt__": less, "__le__": less_or_same} if order else {}
        return {"__eq__": same, "__hash__": hashing if hashed else None, **ordering}

    def _repr(self: Any) -> str:
        shown = ", ".join(f"{name}={getattr(self, name, '?')!r}" for name, spec in self.__specs__.items() if spec.repr)
        return f"{self.__class__.__qualname__}({shown})"

    def _refuse(self: Any, name: str, *_content: Any) -> None:
        raise AttributeError(f"can not change {name!r} of {self.__class__.__name__}: it is a value")

    def _restore(self: Any, state: Any) -> None:
        """Fill a copy or what was pickled: its fields can not be set the usual way."""
        for part in state if isinstance(state, tuple) else (state,):
            for name, content in (part or {}).items():
                object.__setattr__(self, name, content)

    class _Fields:
        """What the functions of `dataclasses` look for, made when they do."""

        def __get__(self, _value: Any, owner: type) -> dict[str, Any]:
            import dataclasses

            specs = owner.__specs__  # type: ignore[attr-defined] # only our own classes have this attribute
            contents: dict[str, Any] = {"__annotations__": dict.fromkeys(specs, object)}
            for name, spec in specs.items():
                known = {"default": spec.default, "default_factory": spec.default_factory}
                known = {key: given for key, given in known.items() if given is not _MISSING}
                contents[name] = dataclasses.field(**known, init=spec.init, repr=spec.repr, compare=spec.compare, kw_only=True)
            return dataclasses.dataclass(type(owner.__name__, (), contents)).__dataclass_fields__


__all__ = ["dataclass", "field", "replace"]
