"""Conditions on settings: blocks, variables, neighbours, owners, environments."""

from __future__ import annotations

from guard.catalogue import Condition, Rule, matches
from guard.facts import Facts
from guard.finding import Check, Confidence
from guard.languages import read


def _facts(text: str, path: str = "deploy/config.yaml") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _found(condition: Condition, text: str, path: str = "deploy/config.yaml") -> list[tuple[int, int, str]]:
    rule = Rule("x", Check.LOCAL_DISK, Confidence.CERTAIN, "m", "r", "https://example.org", when=(condition,))
    return [(match.span.line, match.span.end_line, match.identity) for match in matches([rule], _facts(text, path))]


def test_a_block_is_one_place_however_many_keys_it_has() -> None:
    """Also where it is a part of a dotted key, and not where it is switched off."""
    condition = Condition(block=("**.sticky",), not_value=("false",))
    assert _found(condition, "a:\n  sticky:\n    cookie:\n      name: x\n      secure: true\n") == [(4, 5, "a.sticky")]
    assert _found(condition, "labels:\n  t.sticky.cookie: true\n  t.sticky.cookie.name: x\n") == [(2, 3, "labels.t.sticky")]
    assert _found(condition, "a:\n  sticky:\n    enabled: false\n    name: x\n") == []
    assert _found(condition, "a:\n  sticky: false\n") == []
    assert _found(condition, "a:\n  sticky: {}\n") == [(2, 2, "a.sticky")]


def test_a_variable_is_found_however_it_is_written() -> None:
    """A key, an item of a list, a pair of name and value, an instruction."""
    condition = Condition(variable=("STORE",), value=("file",))
    assert _found(condition, "environment:\n  STORE: file\n") == [(2, 2, "environment.STORE")]
    assert _found(condition, "environment:\n  - STORE=file\n") == [(2, 2, "environment.STORE")]
    assert _found(condition, "env:\n  - name: STORE\n    value: 'file'\n") == [(2, 3, "env.STORE")]
    assert _found(condition, "FROM x\nENV STORE=file\n", "Dockerfile") == [(2, 2, "ENV.STORE")]
    assert _found(condition, "env:\n  - name: STORE\n    value: redis\n  - name: OTHER\n    value: file\n") == []


def test_what_stands_beside_and_around_decides() -> None:
    """The same mapping for one, any mapping around it for the other."""
    beside = Condition(setting=("**.Value",), value=("true",), beside=(("Key", ("one",)),))
    text = "list:\n  - Key: one\n    Value: 'true'\n  - Key: two\n    Value: 'true'\n"
    assert _found(beside, text) == [(3, 3, "list.Value")]
    around = Condition(setting=("**.x",), around=(("kind", ("Service",)),))
    assert _found(around, "items:\n  - kind: Service\n    spec: {x: 1}\n  - kind: Pod\n    spec: {x: 1}\n") == [
        (3, 3, "items.spec.x")
    ]
    assert _found(around, "kind: Pod\nspec: {x: 1}\n---\nkind: Service\nspec: {x: 1}\n") == [(5, 5, "spec.x")]
    other = Condition(setting=("**.x",), not_around=(("kind", ("Service",)),))
    assert _found(other, "kind: Service\nspec: {x: 1}\n---\nkind: Pod\nspec: {x: 1}\n") == [(5, 5, "spec.x")]


def test_the_owner_decides() -> None:
    """Names, labels, images and the file's path can say that a backing service is meant."""
    condition = Condition(setting=("**.sessionAffinity",), owner=("app",))
    service = "kind: Service\nmetadata:\n  name: {}\nspec:\n  sessionAffinity: ClientIP\n  selector:\n    app: {}\n"
    assert _found(condition, service.format("shop", "shop"))
    assert not _found(condition, service.format("shop-redis", "shop"))
    assert not _found(condition, service.format("search", "solr"))
    assert not _found(condition, service.format("x", "x"), "charts/postgresql/service.yaml")


def test_development_never_fits() -> None:
    """A section, a profile or a variable beside it says so."""
    condition = Condition(setting=("**.driver", "**.DRIVER"), value=("file",))
    assert _found(condition, "production:\n  driver: file\n")
    assert not _found(condition, "development:\n  driver: file\n")
    assert not _found(condition, "when@test:\n  session:\n    driver: file\n")
    assert not _found(condition, "spring:\n  config:\n    activate:\n      on-profile: dev\nx:\n  driver: file\n")
    assert _found(condition, "spring:\n  config:\n    activate:\n      on-profile: '!dev'\nx:\n  driver: file\n")
    assert not _found(condition, "environment:\n  NODE_ENV: development\n  DRIVER: file\n")
    assert _found(condition, "environment:\n  NODE_ENV: production\n  DRIVER: file\n")


def test_an_item_that_moves_within_its_list_is_the_same() -> None:
    """Positions are no part of an identity."""
    condition = Condition(variable=("STORE",), value=("file",))
    one = _found(condition, "env:\n  - name: STORE\n    value: file\n")
    two = _found(condition, "env:\n  - name: A\n    value: b\n  - name: STORE\n    value: file\n")
    assert one[0][2] == two[0][2]


def test_values_of_a_chart_belong_to_their_own_part() -> None:
    """An image at the top and a database further down say nothing of the ingress between them."""
    condition = Condition(setting=("**.affinity",), value=("cookie",), owner=("app",))
    values = "image:\n  repository: shop\ningress:\n  affinity: cookie\nmysql:\n  image: mysql\n  name: db\n"
    assert _found(condition, values, "chart/values.yaml")
    assert not _found(condition, "redis:\n  image: x\n  ingress:\n    affinity: cookie\n", "chart/values.yaml")
    assert not _found(condition, "image: solr\ningress:\n  affinity: cookie\n", "chart/values.yaml")
