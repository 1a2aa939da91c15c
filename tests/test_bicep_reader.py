"""The reader of Bicep."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Facts
from guard.languages import read

_WHOLE = """\
// what serves the shop
param affinity string = 'Enabled'
@description('Whether')
param extra bool = false
var settings = [
  { name: 'a' }
]
resource shop 'Microsoft.Web/sites@2023-12-01' = {
  name: '${prefix}-shop' // the name
  properties: {
    clientAffinityEnabled: production ? true : false
    'odd key': '''
two
lines'''
  }
  resource slot 'slots' = {
    name: 'staging'
  }
}
resource gateways 'Microsoft.Network/applicationGateways@2023-09-01' = [for i in range(0, 2): {
  properties: {
    list: [for item in settings: {
      cookieBasedAffinity: affinity
    }]
    count: 3
    other: given ?? 'none'
  }
}]
resource optional 'Microsoft.Web/sites@2023-12-01' = if (extra) {
  name: 'no'
}
resource trial 'Microsoft.Web/sites@2023-12-01' = if (environment == 'dev') {
  name: 'no'
}
module web 'web.bicep' = if (environment == 'production') {
  params: {
    size: null
  }
}
"""


def _facts(text: str, path: str = "infra/main.bicep") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    assert facts.language == "bicep"
    return facts


def test_settings_stand_below_their_resource_as_in_the_template_it_becomes() -> None:
    """Type, symbolic name and keys, nested resources too; loops stand once, conditions that do not hold leave out."""
    facts = _facts(_WHOLE)
    assert not facts.broken
    shop, gateways = "resource.Microsoft.Web/sites.shop", "resource.Microsoft.Network/applicationGateways.gateways"
    assert [(".".join(s.path), text_of(s.value), s.span.line, s.span.end_line) for s in facts.settings] == [
        ("param.affinity", "Enabled", 2, 2),
        ("param.extra", "false", 4, 4),
        ("var.settings", "[{…}]", 5, 7),
        ("var.settings.0", "{…}", 6, 6),
        ("var.settings.0.name", "a", 6, 6),
        (shop, "{…}", 8, 19),
        (f"{shop}.name", "${}-shop", 9, 9),
        (f"{shop}.properties", "{…}", 10, 15),
        (f"{shop}.properties.clientAffinityEnabled", "true | false", 11, 11),
        (f"{shop}.properties.odd key", "\ntwo\nlines", 12, 14),
        (f"{shop}.resource.slots.slot", "{…}", 16, 18),
        (f"{shop}.resource.slots.slot.name", "staging", 17, 17),
        (gateways, "{…}", 20, 28),
        (f"{gateways}.properties", "{…}", 21, 27),
        (f"{gateways}.properties.list", "[{…}]", 22, 24),
        (f"{gateways}.properties.list.0", "{…}", 22, 24),
        (f"{gateways}.properties.list.0.cookieBasedAffinity", "~affinity", 23, 23),
        (f"{gateways}.properties.count", "3", 25, 25),
        (f"{gateways}.properties.other", "~given | none", 26, 26),
        ("module.web.bicep.web", "{…}", 35, 39),
        ("module.web.bicep.web.params", "{…}", 36, 38),
        ("module.web.bicep.web.params.size", "null", 37, 37),
    ]
    assert [(comment.text, comment.span.line) for comment in facts.comments] == [("what serves the shop", 1), ("the name", 9)]


def test_a_name_may_stand_for_its_parameters_default() -> None:
    """What a parameter is by default, a setting that names it is where nobody gives another."""
    facts = _facts(_WHOLE)
    named = next(s for s in facts.settings if s.path[-1] == "cookieBasedAffinity")
    resolved = facts.resolve(named.value)
    assert resolved is not None
    assert text_of(resolved) == "param affinity | Enabled"


def test_a_parameter_file_gives_parameters() -> None:
    """`.bicepparam` has no types; an environment variable's default is one of two."""
    facts = _facts(
        "using 'main.bicep'\nparam affinity = true\nparam where = readEnvironmentVariable('WHERE', 'disk')\nparam tags = {\n  a: 'b'\n}\n",
        "production.bicepparam",
    )
    assert not facts.broken
    assert [(".".join(s.path), text_of(s.value), s.span.line) for s in facts.settings] == [
        ("param.affinity", "true", 2),
        ("param.where", "readEnvironmentVariable('WHERE', 'disk') | disk", 3),
        ("param.tags", "{…}", 4),
        ("param.tags.a", "b", 5),
    ]


def test_what_is_newer_than_the_grammar_is_read_too() -> None:
    """Types that may be null or are a resource's, `!`, spreads, imports over lines, typed variables, strings that begin with slashes."""
    facts = _facts(
        "extension microsoftGraphV1\nimport {\n  lockType\n  roleType\n} from 'types.bicep'\n"
        "param lock lockType?\nparam tags resourceInput<'Microsoft.Web/sites@2023-12-01'>.tags?\nvar typed bool = false\n"
        "type shape = {\n  name: string?\n  list: string[]?\n}?\nparam many {\n  a: int\n}[]?\n"
        "resource shop 'Microsoft.Web/sites@2023-12-01' = {\n  ...common\n  name: site!.name!\n  list: [\n    ...more\n    '//x'\n  ]\n"
        "  flag: a != b\n}\n"
    )
    assert not facts.broken
    shop = "resource.Microsoft.Web/sites.shop"
    assert [(".".join(s.path), text_of(s.value), s.span.line) for s in facts.settings] == [
        ("var.typed", "false", 8),
        (shop, "{…}", 16),
        (f"{shop}._", "~common", 17),
        (f"{shop}.name", "site .name", 18),
        (f"{shop}.list", "[~more, ||x]", 19),
        (f"{shop}.list.0", "~more", 20),
        (f"{shop}.list.1", "||x", 21),
        (f"{shop}.flag", "a != b", 23),
    ]


_PIECES = st.sampled_from(
    [
        "resource ", "module ", "param ", "var ", "x", "'a@1'", " = ", "{", "}", "[", "]", "for i in y: ", "if (x) ", "name: ", "'", "'''",
        "${", "\\u{110000}", "\n", "//", "/*", "@d()", "??", "?", "!", "...", "import ", "from ", ":", "é", "1", "null",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40), st.sampled_from(["a.bicep", "a.bicepparam"]))
def test_any_text_can_be_read(pieces: list[str], path: str) -> None:
    """Whatever stands there, every setting has its lines inside the file."""
    text = "".join(pieces)
    facts = _facts(text, path)
    assert all(1 <= s.span.line <= s.span.end_line <= text.count("\n") + 1 for s in facts.settings)


@given(st.integers(0, len(_WHOLE)), st.integers(0, len(_WHOLE)), st.text(max_size=4))
def test_a_mutated_file_can_be_read(start: int, end: int, put: str) -> None:
    """A piece that is missing or other breaks nothing but its place."""
    _facts(_WHOLE[: min(start, end)] + put + _WHOLE[max(start, end) :])


def test_deep_nesting_is_read_up_to_a_depth() -> None:
    """A generated file can not exhaust the stack."""
    facts = _facts("var x = " + "{\n a: " * 500 + "1" + "\n}" * 500 + "\n")
    assert max(len(setting.path) for setting in facts.settings) <= 42
