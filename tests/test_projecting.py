"""What of a corpus a prompt carries: never more than there is room for, always the same, and never less of an atom with more room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.atoms.atom import Atom, AtomCheck, Edge, Level, Library
from guard.atoms.focus import Focus, shipped
from guard.atoms.projecting import Place, Projection, project, without_doubled_sections
from guard.errors import UsageError
from guard.model.tokens import estimate

_ORDER = (None, Level.SUMMARY, Level.CORE, Level.FULL)


def _atom(name: str, *edges: tuple[str, str], size: int = 10) -> Atom:
    text = f"# {name} [rule] v1.0.0\n{'words ' * size}"
    core = f"{text}\n\n## Checks\n- [ ] No {name}."
    return Atom(
        id=f"@t/{name}",
        kind="rule",
        version="1.0.0",
        name=name,
        description=f"About {name}.",
        domain="t",
        checks=(AtomCheck("check-1", f"No {name}."),),
        label=name,
        relations=tuple(Edge(verb, f"@t/{target}") for verb, target in edges),
        tags=(),
        tokens={},
        content_hash="",
        quality={},
        created_at="",
        projections={Level.SUMMARY: text, Level.CORE: core, Level.FULL: f"{core}\n\n## Rationale\n{'because ' * size}"},
    )


def _focus(*atoms: Atom, focal: int = 1) -> Focus:
    return Focus(Library("", {atom.id: atom for atom in atoms}), tuple(atom.id for atom in atoms[:focal]))


def _levels(found: Projection) -> dict[str, Level | None]:
    return {shown.id.removeprefix("@t/"): shown.level for shown in found.atoms}


SHOP = _focus(
    _atom("focal", ("requires", "base"), ("enhances", "better"), ("related", "far"), ("requires", "gone")),
    _atom("far"),
    _atom("better", ("requires", "not-followed")),
    _atom("base", ("requires", "deep")),
    _atom("deep", ("enhances", "not-followed")),
    _atom("not-followed"),
)


def test_focal_atoms_are_whole_what_they_lean_on_is_core_the_rest_a_line() -> None:
    """`requires` is followed to its end, `enhances` one step; other verbs are not."""
    found = project(SHOP, 10_000, estimate)
    assert _levels(found) == {
        "focal": Level.FULL,
        "base": Level.CORE,
        "deep": Level.CORE,
        "better": Level.CORE,
        "far": None,
        "not-followed": None,
    }
    assert [shown.why for shown in found.of(Place.ADJACENT)] == [
        "@t/focal requires it",
        "@t/base requires it",
        "@t/focal enhances it",
    ]
    assert all(shown.line.startswith(f"- {shown.id} [rule]: About ") for shown in found.atoms)
    assert found.missing == ("@t/focal requires @t/gone, which is not in this corpus",)


def test_what_was_cut_is_told_in_numbers() -> None:
    """The arithmetic of the first that did not fit, and that others come after it."""
    whole = project(SHOP, 10_000, estimate)
    tight = project(SHOP, whole.used - 1, estimate)
    (cut,) = (shown for shown in tight.atoms if shown.level is Level.SUMMARY)
    more = next(shown.tokens for shown in whole.atoms if shown.id == cut.id) - cut.tokens
    assert cut.id == "@t/better"
    assert cut.reason == f"core would take {more} tokens more: {tight.used} + {more} > {tight.budget}"
    tightest = project(SHOP, sum(shown.line_tokens for shown in whole.atoms) + 100, estimate)
    assert "comes after what did not fit: " in tightest.of(Place.ADJACENT)[-1].reason


def test_without_room_for_the_checks_it_is_an_error_with_the_arithmetic() -> None:
    """A prompt without the rule would be worse than none."""
    with pytest.raises(
        UsageError, match=r"6 lines of the index take \d+ tokens, the checks of @t/focal \d+; there is room for 50"
    ):
        project(SHOP, 50, estimate)


@st.composite
def _corpora(draw: st.DrawFn) -> Focus:
    names = [f"a{number}" for number in range(draw(st.integers(1, 7)))]
    edges = st.tuples(st.sampled_from(("requires", "enhances", "related")), st.sampled_from([*names, "gone"]))
    atoms = [_atom(name, *draw(st.lists(edges, max_size=4)), size=draw(st.integers(1, 60))) for name in names]
    return _focus(*atoms, focal=draw(st.integers(1, len(names))))


@given(_corpora(), st.integers(0, 1_500), st.integers(0, 1_500))
def test_never_over_the_budget_always_the_same_and_never_less_with_more(focus: Focus, one: int, more: int) -> None:
    """The three things on which a prompt relies, for any corpus with any edges, cycles too."""
    try:
        small = project(focus, one, estimate)
    except UsageError:
        return
    large = project(focus, one + more, estimate)
    for found in (small, large):
        assert found.used <= found.budget
        assert found.used == sum(shown.tokens + shown.line_tokens for shown in found.atoms)
        assert {shown.id for shown in found.atoms} == set(focus.library.atoms)
        assert all(shown.reason for shown in found.of(Place.FOCAL) if shown.level is not Level.FULL)
        assert all(shown.reason for shown in found.of(Place.ADJACENT) if shown.level is not Level.CORE)
    assert small == project(focus, one, estimate)
    before, after = _levels(small), _levels(large)
    assert all(_ORDER.index(after[name]) >= _ORDER.index(level) for name, level in before.items())


def test_nothing_is_said_twice() -> None:
    """The published text repeats its label, and lists its edges a second time."""
    found = project(shipped(), 4_000, estimate).atoms[0]
    assert found.level is Level.FULL
    assert found.text.count("## Label") == 1
    assert "## Enhances" not in found.text
    assert found.text.count("@backend-architecture/principle-disposability") == 1
    assert without_doubled_sections("# A\n\n## B\nx\n\n## C\ny\n\n## B\nx") == "# A\n\n## B\nx\n\n## C\ny"
    assert without_doubled_sections("# A\n\n## B\nx\n\n## B\nother") == "# A\n\n## B\nx\n\n## B\nother"
