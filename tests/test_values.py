"""Value classes behave as those of `dataclasses`, and patterns as those of `re`."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from functools import cached_property
from typing import Any

import pytest

from guard.lazy import regex
from guard.values import dataclass, field, replace


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A frozen, ordered value."""

    x: int
    y: int = 2


@dataclass(frozen=True, slots=True)
class Described:
    """A value with every kind of field."""

    name: str
    tags: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list, compare=False, repr=False)
    length: int = field(init=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("no name")
        object.__setattr__(self, "length", len(self.name))


@dataclass(slots=True)
class Draft:
    """A value in the making: it may change."""

    lines: list[str] = field(default_factory=list)
    closed: bool = False


@dataclass(frozen=True, eq=False)
class Whole:
    """A value without slots, for what is computed once."""

    text: str = "a b"

    @cached_property
    def words(self) -> list[str]:
        """Its words."""
        return self.text.split()


def test_values_are_made_compared_and_hashed() -> None:
    """By position and by name, with defaults."""
    assert Point(1) == Point(x=1, y=2) != Point(1, 3)
    assert {Point(1): "a"}[Point(1, 2)] == "a"
    assert repr(Point(1)) == "Point(x=1, y=2)"
    assert Point(1) != (1, 2)  # type: ignore[comparison-overlap] # that is the test
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg] # that is the test
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=3)  # type: ignore[call-arg] # that is the test


def test_values_are_ordered_if_they_say_so() -> None:
    """By their fields, in order."""
    assert sorted([Point(2, 1), Point(1, 3), Point(1, 2)]) == [Point(1, 2), Point(1, 3), Point(2, 1)]
    assert Point(1) <= Point(1) < Point(2) > Point(1) >= Point(1)
    with pytest.raises(TypeError):
        _ = Described("a") < Described("b")  # type: ignore[operator] # that is the test


def test_frozen_values_do_not_change() -> None:
    """Neither by assignment nor by deletion."""
    for value in (Point(1, 3), Whole()):
        name = next(iter(dataclasses.fields(value))).name
        with pytest.raises(AttributeError, match="it is a value"):
            setattr(value, name, 5)
        with pytest.raises(AttributeError, match="it is a value"):
            delattr(value, name)


def test_every_kind_of_field() -> None:
    """Factories make anew, `init=False` is set afterwards, `compare=False` does not count, `__post_init__` may refuse."""
    first, second = Described("ab"), Described("ab", notes=["x"])
    assert (first.length, first.notes, first) == (2, [], second)
    assert first.notes is not Described("ab").notes
    assert repr(second) == "Described(name='ab', tags=(), length=2)"
    with pytest.raises(ValueError, match="no name"):
        Described("")


def test_drafts_change_and_have_no_hash() -> None:
    """As in dataclasses."""
    draft = Draft()
    draft.lines.append("a")
    draft.closed = True
    assert draft == Draft(["a"], closed=True)
    with pytest.raises(TypeError, match="unhashable"):
        hash(draft)
    with pytest.raises(AttributeError):
        draft.other = 1  # type: ignore[attr-defined] # that is the test


def test_a_value_without_slots_keeps_what_it_computed() -> None:
    """`cached_property` works; `eq=False` means identity."""
    whole = Whole()
    assert whole.words is whole.words
    assert whole != Whole()
    assert hash(whole)


@pytest.mark.parametrize(
    "value", [Point(1, 3), Described("a", ("b",), ["c"]), Draft(["a"])], ids=["ordered", "described", "draft"]
)
def test_values_are_copied_pickled_and_replaced(value: Any) -> None:
    """Equal, not the same."""
    for twin in (
        copy.copy(value),
        copy.deepcopy(value),
        pickle.loads(pickle.dumps(value)),  # noqa: S301 - our own bytes
        replace(value),
        dataclasses.replace(value),
    ):
        assert twin == value
        assert twin is not value


def test_the_functions_of_dataclasses_work() -> None:
    """`fields`, `asdict` and `replace` see what they expect."""
    assert [entry.name for entry in dataclasses.fields(Described)] == ["name", "tags", "notes", "length"]
    assert dataclasses.asdict(Described("a", ("b",))) == {"name": "a", "tags": ("b",), "notes": [], "length": 1}
    assert dataclasses.is_dataclass(Point)
    assert replace(Point(1), y=5) == Point(1, 5)
    assert replace(Described("abc"), name="a").length == 1


def test_patterns_match_by_position() -> None:
    """`case Point(x, y)` works."""
    match Point(1, 3):
        case Point(x, y):
            assert (x, y) == (1, 3)


def test_values_are_not_derived_from_values() -> None:
    """Nothing here needs it: it is refused rather than done halfway."""
    with pytest.raises(TypeError, match="can not be derived"):
        dataclass(frozen=True)(type("Child", (Point,), {"__annotations__": {"z": "int"}}))


def test_a_lazy_pattern_is_compiled_when_it_is_used() -> None:
    """With all the methods, for text and bytes; a wrong one is noticed at its first use."""
    words = regex(r"\w+")
    assert "search" not in vars(words)
    assert words.findall("a b") == ["a", "b"]
    assert "search" in vars(words)
    assert regex(rb"b").sub(b"c", b"abc") == b"acc"
    assert regex("A", 2).pattern == "A"
    assert regex("A", 2).fullmatch("a")
    with pytest.raises(Exception, match=r"unterminated|missing"):
        regex("(").search("")
