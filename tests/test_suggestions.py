"""Safe edits: each rule that has one proves it on its own examples, and none is suggested where it would break something."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.__main__ import main
from guard.catalogue import Example, Rule, load
from guard.catalogue.schema import rules_from
from guard.change import Texts, parse
from guard.errors import CatalogueError
from guard.finding import Finding, Report, Signal, Suggestion
from guard.integrations.memory import compared
from guard.languages import read
from guard.pipeline import observe, review
from guard.reports import Page, format_named

CATALOGUE = load()
WITH_EDIT = tuple(rule for rule in CATALOGUE.rules if rule.edits)


def _edited(text: str, edit: Suggestion) -> str:
    """The text as whoever accepts a suggestion gets it."""
    lines = text.split("\n")
    lines[edit.line - 1 : edit.end_line] = edit.text.split("\n") if edit.text else []
    return "\n".join(lines)


def _signals(path: str, text: str, before: str | None = None) -> tuple[Signal, ...]:
    """What a review of a new (or changed) file sees."""
    what = compared({} if before is None else {path: before}, {path: text})
    return observe(what.change, what.source).signals


def _suggested(path: str, text: str, before: str | None = None) -> dict[str, Suggestion | None]:
    """What it suggests, by rule."""
    return {signal.rule: signal.suggestion for signal in _signals(path, text, before)}


def _edit_for(rule: Rule, example: Example) -> Suggestion | None:
    """The suggestion of the one finding at the place, which another rule of the same check may have told first."""
    found = (signal.suggestion for signal in _signals(example.path, example.code) if signal.check is rule.check)
    return next(found, None)


def _places(rule: Rule, example: Example, text: str) -> int:
    """How many lines of an example, edited or not, the rule's check has something to say about."""
    return len({signal.line for signal in _signals(example.path, text) if signal.check is rule.check})


def _examples() -> Iterator[tuple[Rule, Example]]:
    return ((rule, example) for rule in WITH_EDIT for example in rule.match)


@pytest.mark.parametrize(
    ("rule", "example"), [pytest.param(*pair, id=f"{pair[0].id}-{number}") for number, pair in enumerate(_examples())]
)
def test_a_safe_edit_silences_its_rule_and_breaks_nothing(rule: Rule, example: Example) -> None:
    """Where an example gets a suggestion, the edited example is clean, and reads as well as before."""
    edit = _edit_for(rule, example)
    if edit is None:
        return  # nothing is suggested where an edit is not proven to be safe
    edited = _edited(example.code, edit)
    assert _places(rule, example, edited) == _places(rule, example, example.code) - 1  # an example may show several forms
    before, after = read(example.path, example.code.encode()), read(example.path, edited.encode())
    assert before is not None
    assert after is not None
    assert len(after.broken) <= len(before.broken)


@pytest.mark.parametrize("rule", WITH_EDIT, ids=lambda rule: rule.id)
def test_a_rule_with_an_edit_suggests_it(rule: Rule) -> None:
    """An edit that fits none of its rule's examples is none."""
    assert any(_edit_for(rule, example) for example in rule.match)


def test_there_are_safe_edits() -> None:
    """The switches of the usual load balancers have one."""
    assert len(WITH_EDIT) >= 40


SERVICE = "kind: Service\nmetadata:\n  name: shop\nspec:\n  sessionAffinity: ClientIP\n"
UPSTREAM = "upstream app {\n    ip_hash;\n    server a:80;\n}\n"


@pytest.mark.parametrize(
    ("path", "text", "rule", "edit"),
    [
        ("nginx.conf", UPSTREAM, "nginx-ip-hash", Suggestion(2, 2, "")),
        ("nginx.conf", UPSTREAM.replace("ip_hash;", "ip_hash; # sticky"), "nginx-ip-hash", Suggestion(2, 2, "")),
        ("nginx.conf", "upstream app { ip_hash; server a:80; }\n", "nginx-ip-hash", None),
        ("service.yaml", SERVICE, "k8s-service-client-ip", Suggestion(5, 5, "  sessionAffinity: None")),
        ("service.yaml", SERVICE.replace("ClientIP", '"ClientIP" # why'), "k8s-service-client-ip", Suggestion(5, 5, '  sessionAffinity: "None" # why')),
        ("service.yaml", SERVICE + "  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 60\n", "k8s-service-client-ip", None),
        ("haproxy.cfg", "backend app\n  balance source\n  hash-type consistent\n  server a a:80\n", "haproxy-balance-source", Suggestion(2, 2, "  balance roundrobin")),
        ("httpd.conf", "<Location />\n  ProxyPass balancer://a/ stickysession=ID nofailover=On\n</Location>\n", "apache-stickysession", Suggestion(2, 2, "  ProxyPass balancer://a/ nofailover=On")),
        ("ingress.yaml", "kind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/affinity: cookie\n", "ingress-nginx-cookie-affinity", None),
        ("settings.py", 'INSTALLED_APPS = ["django.contrib.sessions"]\nSESSION_ENGINE = "django.contrib.sessions.backends.file"\n', "django-session-file", Suggestion(2, 2, 'SESSION_ENGINE = "django.contrib.sessions.backends.db"')),
        ("settings.py", 'SESSION_ENGINE = "django.contrib.sessions.backends.file"\n', "django-session-file", None),
        ("settings.py", 'INSTALLED_APPS = ["django.contrib.sessions"]\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\nSESSION_ENGINE = "django.contrib.sessions.backends.file"\n', "django-session-file", None),
    ],
    ids=[
        "the line goes", "with its comment", "not with its neighbours", "a value", "a quoted value with a comment", "what would be refused then",
        "one word", "one parameter", "the mapping would be empty", "an equal line", "the table may be missing", "the database is a file",
    ],
)  # fmt: skip
def test_what_is_suggested(path: str, text: str, rule: str, edit: Suggestion | None) -> None:
    """The lines alone that have to change, and nothing where the edit is not safe in this file."""
    assert _suggested(path, text)[rule] == edit


def test_neighbours_of_one_cause_are_edited_together() -> None:
    """Two labels side by side that say the same are one finding, and its edit takes both away."""
    labels = [
        '      - "traefik.http.services.web.loadbalancer.server.port=80"',
        '      - "traefik.http.services.web.loadbalancer.sticky.cookie.name=a"',
        '      - "traefik.http.services.web.loadbalancer.sticky.cookie.secure=true"',
    ]
    text = "\n".join(["services:", "  web:", "    labels:", *labels, ""])
    assert _suggested("compose.yaml", text) == {"traefik-sticky-label": Suggestion(5, 6, "")}
    alone = text.replace("loadbalancer.server.port=80", "x=y")
    assert _suggested("compose.yaml", alone) == {"traefik-sticky-label": None}, "nothing else would define the service"


def test_places_apart_are_not_edited_by_halves() -> None:
    """A suggestion removes its finding: one that speaks for another place too has none."""
    text = UPSTREAM + UPSTREAM.replace("app", "api")
    assert _suggested("nginx.conf", text) == {"nginx-ip-hash": None}


def test_a_suggestion_stays_in_the_diff() -> None:
    """All its lines are lines of one hunk, or there is none: a host refuses others."""
    far = "".join(f"    # {number}\n" for number in range(20))
    before = f"upstream app {{\n    hash\n{far}    $uri;\n    server a:80;\n}}\n"
    after = before.replace("$uri", "$remote_addr")
    assert _suggested("nginx.conf", after, before) == {"nginx-hash-client": None}
    near = UPSTREAM.replace("    ip_hash;\n", "")
    assert _suggested("nginx.conf", UPSTREAM, near) == {"nginx-ip-hash": Suggestion(2, 2, "")}


def test_a_patch_alone_is_enough() -> None:
    """What is suggested for a file of which only the diff is known stays within it."""
    patch = "--- a/nginx.conf\n+++ b/nginx.conf\n@@ -10,2 +10,3 @@ http {\n upstream app {\n+    ip_hash;\n     server a:80;\n"
    report = review(parse(patch.encode()), Texts())
    assert [finding.suggestion for finding in report.findings] == [Suggestion(11, 11, "")]


@given(
    before=st.lists(st.sampled_from(["least_conn;", "# ip_hash;", "server a:80;", "zone app 64k;"]), max_size=4),
    indent=st.sampled_from(["", "  ", "\t", "      "]),
    comment=st.sampled_from(["", " # why", "  #"]),
)
def test_an_edit_changes_nothing_else(before: list[str], indent: str, comment: str) -> None:
    """Whatever stands around the line: all other lines are as they were."""
    others = ["upstream app {", *(indent + line for line in before), "}", ""]
    lines = [*others[:-2], f"{indent}ip_hash;{comment}", *others[-2:]]
    edit = _suggested("nginx.conf", "\n".join(lines))["nginx-ip-hash"]
    assert edit is not None
    assert _edited("\n".join(lines), edit).split("\n") == others


def _report(text: str) -> Report:
    what = compared({}, {"service.yaml": text})
    return review(what.change, what.source)


def test_a_suggestion_is_in_every_report() -> None:
    """As a value in JSON, as a fix in SARIF, as a line for people."""
    report = _report(SERVICE)
    [finding] = report.findings
    assert isinstance(finding, Finding)
    assert finding.suggestion == Suggestion(5, 5, "  sessionAffinity: None")
    document = json.loads(format_named("json").render(report, Page()))
    assert document["findings"][0]["suggestion"] == {"line": 5, "end_line": 5, "text": "  sessionAffinity: None"}
    assert "safe edit: line 5: sessionAffinity: None" in format_named("text").render(report, Page())
    assert "safe edit: remove line 2" in format_named("text").render(_nginx_report(), Page())


def _nginx_report() -> Report:
    what = compared({}, {"nginx.conf": UPSTREAM})
    return review(what.change, what.source)


def test_explain_shows_the_edit(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Whoever reads about a rule sees what it can suggest."""
    assert main(["explain", "nginx-ip-hash"]) == 0
    assert "Safe edit\n    -     ip_hash;\n" in capsysbinary.readouterr().out.decode()
    assert main(["explain", "nginx-ip-hash-sockets"]) == 0
    assert "Safe edit" not in capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        ({"to": ""}, "needs one of line and part"),
        ({"line": "a", "part": "b", "to": ""}, "needs one of line and part"),
        ({"line": "(", "to": ""}, "is no regular expression"),
        ({"line": "a"}, "'to' must be a text"),
        ({"line": "a", "to": "b\n"}, "'to' must be a text without a line break behind it"),
        ({"line": "a", "to": "", "with": "b"}, "unknown key 'with'"),
    ],
)
def test_an_edit_has_a_closed_vocabulary(edit: dict[str, str], sentence: str) -> None:
    """A mistake in a catalogue file is refused in one sentence."""
    rule = {
        "id": "x", "check": "local-disk", "confidence": "certain", "message": "m", "remedy": "r", "when": [{"setting": "a"}], "edit": [edit],
    }  # fmt: skip
    document = {"framework": {"name": "n", "languages": ["nginx"], "docs": "https://example.org"}, "rule": [rule]}
    with pytest.raises(CatalogueError, match=sentence):
        rules_from(document, "x.toml")


@pytest.mark.parametrize("text", ["a\n", "\n"])
def test_a_suggestion_can_not_be_built_wrong(text: str) -> None:
    """Neither lines that are no span, nor a text whose end is in doubt."""
    with pytest.raises(ValueError, match="line break"):
        Suggestion(1, 1, text)
    with pytest.raises(ValueError, match="no span"):
        Suggestion(2, 1, "")
