"""`guard.values.dataclass` makes what the standard library's would."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from guard.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """A value."""

    name: str
    sides: int = 0
    tags: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False, repr=False)
    corners: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.sides < 0:
            raise ValueError("less than none")
        object.__setattr__(self, "corners", self.sides)


@dataclass(frozen=True, slots=True)
class One:
    """A value of one field that says itself how it is shown."""

    only: str

    def __repr__(self) -> str:
        return self.only


@dataclass(frozen=True, slots=True)
class Nothing:
    """A value without fields."""


Theirs: Any = dataclasses.dataclass(frozen=True, slots=True, order=True)(
    type("Shape", (), {name: vars(Shape)[name] for name in ("__annotations__", "__post_init__", "__doc__")} | {"sides": 0, "tags": field(default_factory=list), "seen": field(default=0, compare=False, repr=False), "corners": field(init=False, repr=False)})
)  # fmt: skip


def test_what_is_made_looks_as_the_standard_librarys() -> None:
    """Signature, text, fields and patterns are the same."""
    assert repr(Shape("a", 3, ["x"], 7)) == repr(Theirs("a", 3, ["x"], 7)) == "Shape(name='a', sides=3, tags=['x'])"
    assert list(inspect.signature(Shape).parameters) == list(inspect.signature(Theirs).parameters)
    assert Shape.__match_args__ == Theirs.__match_args__
    assert dataclasses.asdict(Shape("a")) == dataclasses.asdict(Theirs("a"))
    assert Shape.__slots__ == Theirs.__slots__
    assert (repr(One("as told")), repr(Nothing())) == ("as told", "Nothing()")


def test_values_are_equal_by_what_is_compared() -> None:
    """Of one class and with equal fields, apart from those that are left out of it."""
    assert Shape("a", 3, seen=1) == Shape("a", 3, seen=2) != Shape("a", 4)
    assert Shape("a") != Theirs("a")
    assert One("a") == One("a") != One("b")
    assert {One("a"), One("a"), Nothing(), Nothing()} == {One("a"), Nothing()}


def test_values_are_ordered_by_their_fields() -> None:
    """As tuples are; with what is no such value they can not be compared."""
    assert sorted([Shape("b"), Shape("a", 2), Shape("a", 1)]) == [Shape("a", 1), Shape("a", 2), Shape("b")]
    assert Shape("b") > Shape("a") >= Shape("a")
    with pytest.raises(TypeError):
        assert Shape("a") < Theirs("a")


def test_nothing_can_be_changed_afterwards() -> None:
    """Neither set nor deleted; each value has a default of its own."""
    shape = Shape("a")
    with pytest.raises(FrozenInstanceError, match="name"):
        shape.name = "b"  # type: ignore[misc]  # what is tested
    with pytest.raises(FrozenInstanceError, match="name"):
        del shape.name
    with pytest.raises(AttributeError):
        shape.other = 1  # type: ignore[attr-defined]  # what is tested
    assert Shape("a").tags is not shape.tags


def test_values_are_copied_replaced_and_pickled() -> None:
    """With their checks, where they are made anew."""
    shape = Shape("a", 3, ["x"])
    assert copy.deepcopy(shape) == pickle.loads(pickle.dumps(shape)) == shape  # noqa: S301 - made here
    assert dataclasses.replace(shape, sides=4) == Shape("a", 4, ["x"])
    with pytest.raises(ValueError, match="less than none"):
        dataclasses.replace(shape, sides=-1)
    with pytest.raises(TypeError):
        Shape()  # type: ignore[call-arg]  # what is tested


def test_fields_that_it_does_not_know_are_refused() -> None:
    """Rather than made in another way."""
    with pytest.raises(TypeError, match="standard library"):

        @dataclass(frozen=True, slots=True)
        class Odd:
            number: int = field(kw_only=True)
