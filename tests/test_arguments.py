"""What the arguments of a call say."""

from __future__ import annotations

from guard.catalogue.arguments import argument, arguments, hides_options, spelled_out
from guard.facts import (
    Action,
    Argument,
    Binding,
    Call,
    Constant,
    Entry,
    Facts,
    Listing,
    Mapping,
    Name,
    Span,
    Unknown,
    Use,
    Value,
)

LINE = Span(1, 1)


def _mapping(**entries: Value) -> Mapping:
    return Mapping(tuple(Entry(key, value, LINE) for key, value in entries.items()))


def _call(*values: Value) -> Call:
    return Call("session", tuple(Argument(None, value) for value in values), LINE)


def _facts(*bindings: tuple[str, Value], uses: tuple[Use, ...] = (), language: str = "javascript") -> Facts:
    made = tuple(Binding(name, "", value, LINE) for name, value in bindings)
    return Facts("app.js", language, bindings=made, uses=uses)


def test_an_option_is_found_behind_a_path_of_keys() -> None:
    """`rateLimit.storage` looks into the object given as `rateLimit`; `*` stands for any key or index."""
    call = _call(_mapping(rateLimit=_mapping(storage=Constant("memory")), disks=Listing((_mapping(kind=Constant("local")),))))
    assert argument(call, "rateLimit.storage") == Constant("memory")
    assert argument(call, "disks.*.kind") == Constant("local")
    assert argument(call, "disks.1.kind") is None
    assert argument(call, "rateLimit.window") is None


def test_every_option_behind_a_star_is_found() -> None:
    """One of several disks may be the local one."""
    disks = _mapping(s3=_mapping(kind=Constant("s3")), files=_mapping(kind=Constant("local")))
    assert set(arguments(_call(_mapping(disks=disks)), "disks.*.kind")) == {Constant("s3"), Constant("local")}


def test_an_option_is_found_inside_a_positional_argument() -> None:
    """`0.*.ttl` looks into the list given first."""
    call = _call(Listing((_mapping(ttl=Constant(60)),)))
    assert argument(call, "0.*.ttl") == Constant(60)


def test_spreads_and_names_are_spelled_out() -> None:
    """Options from a constant of the same file count as given."""
    facts = _facts(("common", _mapping(store=Name("redis"))), ("options", Mapping((Entry(None, Name("~common"), LINE),))))
    assert argument(spelled_out(_call(Name("~options")), facts), "store") == Name("redis")


def test_an_option_given_later_counts() -> None:
    """`options.store = …` after the object was made."""
    use = Use("options", "", Action.MUTATE, LINE, "", method="=", key=Constant("store"), value=Name("redis"))
    facts = _facts(("options", _mapping(secret=Constant("x"))), uses=(use,))
    assert argument(spelled_out(_call(Name("~options")), facts), "store") == Name("redis")


def test_options_from_elsewhere_are_out_of_sight() -> None:
    """A parameter, a call or an unknown spread may carry the option that is missing."""
    facts = _facts()
    assert hides_options(_call(Name("./config.session")), facts, set())
    assert hides_options(_call(Call("build", (), LINE)), facts, set())
    assert hides_options(_call(Mapping((Entry(None, Unknown("x"), LINE),))), facts, set())


def test_options_in_sight_are_in_sight() -> None:
    """An object written out, no argument at all, a plugin before its options, a language with keyword arguments."""
    facts = _facts()
    assert not hides_options(_call(_mapping(secret=Constant("x"))), facts, set())
    assert not hides_options(_call(), facts, set())
    assert not hides_options(_call(_mapping(secret=Constant("x")), Name("~verify")), facts, set())
    assert not hides_options(_call(Name("@fastify/session")), facts, {0})
    assert not hides_options(_call(Name("%app")), _facts(language="python"), set())
