"""Suppressions and settings: what is hidden, by whom, and what is said about it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guard.config import Configuration, Overrides, Settings
from guard.finding import Check, Confidence, Evidence, Finding, Origin, Severity, Signal
from guard.languages import read
from guard.policy import NOTES, SEVERAL, STALE, UNEXPLAINED, UNKNOWN, UNUSED, Decision, decide, suppressions_in

NOTHING = Configuration()
RULE = "flask-session-filesystem"


def _finding(path: str, line: int, end_line: int = 0, evidence: tuple[Evidence, ...] = ()) -> Finding:
    check, end_line = Check.SESSION_STORE, end_line or line
    return Finding(
        RULE, check, path, line, end_line, 1, Severity.ERROR, Confidence.CERTAIN, Origin.HEURISTIC, "m", "r", evidence, "0" * 16
    )


def _signal(path: str, line: int) -> Signal:
    return Signal(RULE, Check.SESSION_STORE, Confidence.CERTAIN, path, line, line, "m", "r", "i")


def _decide(
    path: str, text: str, *findings: Finding, configuration: Configuration = NOTHING, signals: tuple[Signal, ...] = ()
) -> Decision:
    """The decision on a file all of whose lines are added."""
    facts = read(path, text.encode())
    assert facts is not None
    added = {path: frozenset(range(1, text.count("\n") + 1))}
    known = {RULE: "session-store", "other-rule": "local-disk"}
    return decide(findings, [facts], configuration, present=signals, added=added, known=lambda: known)


COMMENTED = {
    "app.py": "# {}\nSESSION_TYPE = 'filesystem'\n",
    "app.js": "// {}\napp.use(session({{secret}}));\n",
    "app.ts": "/* {} */\napp.use(session({{secret}}));\n",
    "view.tsx": "const v = () => <div>\n{{/* {} */}}\n<Counter/></div>\n",
    "service.yaml": "# {}\nsessionAffinity: ClientIP\n",
    "nginx.conf": "upstream a {{\n  # {}\n  ip_hash;\n}}\n",
    "Dockerfile": "FROM a\n# {}\nVOLUME /data\n",
    ".env": "# {}\nSESSION_DRIVER=file\n",
    "application.properties": "# {}\nspring.session.store-type=none\n",
    "php.ini": "; {}\nsession.save_handler = files\n",
    "settings.toml": "# {}\nbackend = 'memory'\n",
    "main.tf": 'resource "aws_lb_target_group" "a" {{\n  # {}\n  stickiness {{\n  }}\n}}\n',
    "Caddyfile": "example.org {{\n  # {}\n  reverse_proxy a:1 b:1\n}}\n",
    "deploy.sh": "# {}\nexport SESSION_DRIVER=file\n",
    "site.pp": "# {}\nclass a {{\n}}\n",
    "web.config": "<configuration>\n<!-- {} -->\n<sessionState mode='InProc' />\n</configuration>\n",
    "haproxy.cfg": "backend a\n  # {}\n  balance source\n",
}


@pytest.mark.parametrize("path", COMMENTED)
def test_a_comment_on_the_line_above_suppresses_in_every_syntax(path: str) -> None:
    """Whatever starts a comment in a language, a suppression may stand in it."""
    text = COMMENTED[path].format(f"guard: ignore[{RULE}] one instance, rebuilt at start")
    line = next(number for number, row in enumerate(text.split("\n"), 1) if "guard: ignore" in row)
    decision = _decide(path, text, _finding(path, line + 1), signals=(_signal(path, line + 1),))
    assert decision.findings == ()
    assert [(entry.by, entry.reason, entry.line) for entry in decision.suppressed] == [
        ("comment", "one instance, rebuilt at start", line)
    ]


@pytest.mark.parametrize("name", [RULE, "session-store", f"local-disk, {RULE}", "local-disk,session-store"])
def test_a_suppression_names_rules_or_checks(name: str) -> None:
    """One of the names is enough."""
    text = f"S = 'filesystem'  # guard: ignore[{name}] why\n"
    assert _decide("a.py", text, _finding("a.py", 1), signals=(_signal("a.py", 1),)).suppressed


def test_a_suppression_of_something_else_does_not_count() -> None:
    """Another rule's name hides nothing, and is said to be unused."""
    decision = _decide("a.py", "S = 1  # guard: ignore[other-rule] why\n", _finding("a.py", 1), signals=(_signal("a.py", 1),))
    assert [finding.rule for finding in decision.findings] == [RULE, UNUSED]


def test_text_that_looks_like_a_comment_does_not_count() -> None:
    """A directive in a string suppresses nothing."""
    assert _decide("a.py", f"S = '# guard: ignore[{RULE}] why'\n", _finding("a.py", 1)).suppressed == ()


def test_a_comment_about_suppressions_is_none() -> None:
    """Prose that quotes the directive is left alone; other directives may stand before it."""
    assert list(suppressions_in(read("a.py", b"# write guard: ignore[x] reason\n"))) == []  # type: ignore[arg-type] # it has a reader
    [entry] = suppressions_in(read("a.py", b"x = {}  # noqa: E501  # guard: ignore[x] why\n"))  # type: ignore[arg-type] # it has a reader
    assert entry.names == ("x",)


def test_a_trailing_comment_speaks_for_its_own_line_alone() -> None:
    """What stands behind other code is not about the next line."""
    text = f"a = 1  # guard: ignore[{RULE}] why\nS = 'filesystem'\n"
    assert [finding.rule for finding in _decide("a.py", text, _finding("a.py", 2), signals=(_signal("a.py", 2),)).findings] == [
        UNUSED,
        RULE,
    ][::-1]


def test_more_comments_may_stand_between() -> None:
    """The directive speaks for the first line that is no comment."""
    text = f"# guard: ignore[{RULE}] one worker by design\n# until the queue service is up\nS = 'filesystem'\n"
    assert _decide("a.py", text, _finding("a.py", 3), signals=(_signal("a.py", 3),)).suppressed


def test_a_finding_over_several_lines_is_suppressed_at_its_ends() -> None:
    """Formatters move a trailing comment to the last line."""
    for line in (1, 3):
        rows = ["app.use(session({", "  secret,", "}))"]
        rows[line - 1] += f" // guard: ignore[{RULE}] why"
        assert _decide("a.js", "\n".join(rows) + "\n", _finding("a.js", 1, 3), signals=(_signal("a.js", line),)).suppressed


def test_a_container_is_excused_where_it_is_made() -> None:
    """A later change that adds a writer does not bring the finding back."""
    text = f"# guard: ignore[{RULE}] why\njobs = {{}}\n\n\ndef start(): jobs[1] = 2\n"
    decision = _decide(
        "a.py", text, _finding("a.py", 5, evidence=(Evidence("a.py", 2, "made here"),)), signals=(_signal("a.py", 2),)
    )
    assert decision.findings == ()


def test_a_suppression_without_a_reason_is_not_honoured() -> None:
    """The finding stands, and a note says what is missing."""
    decision = _decide(
        "a.py", f"S = 'filesystem'  # guard: ignore[{RULE}]\n", _finding("a.py", 1), signals=(_signal("a.py", 1),)
    )
    assert [(finding.rule, finding.severity) for finding in decision.findings] == [(RULE, "error"), (UNEXPLAINED, "note")]


@pytest.mark.parametrize("name", ["flask-sesion-filesystem", ""])
def test_an_unknown_name_is_told_with_the_nearest(name: str) -> None:
    """A typo suppresses nothing; the note says what was probably meant."""
    decision = _decide("a.py", f"S = 1  # guard: ignore[{name}] why\n")
    [note] = decision.findings
    assert note.rule == UNKNOWN
    assert (f"did you mean '{RULE}'?" in note.message) is bool(name)


def test_an_unused_suppression_is_told_where_it_is_new() -> None:
    """On an old line nobody asked about it."""
    facts = read("a.py", f"# guard: ignore[{RULE}] why\nx = 1\n".encode())
    assert facts is not None
    known = {RULE: "session-store"}
    assert [f.rule for f in decide([], [facts], NOTHING, added={"a.py": frozenset({1})}, known=lambda: known).findings] == [
        UNUSED
    ]
    assert decide([], [facts], NOTHING, added={"a.py": frozenset({2})}, known=lambda: known).findings == ()


def test_a_suppression_of_something_old_is_used() -> None:
    """Somebody may excuse today what was there before: the signal is present, though not introduced."""
    assert _decide("a.py", f"# guard: ignore[{RULE}] why\nS = 'filesystem'\n", signals=(_signal("a.py", 2),)).findings == ()


def test_rules_are_listed_only_for_a_name_that_is_not_met_otherwise() -> None:
    """Listing every rule takes longer than a small review."""
    facts = read("a.py", f"# guard: ignore[{RULE}, local-disk] why\nS = 1\n".encode())
    assert facts is not None
    decide(
        [],
        [facts],
        NOTHING,
        present=[_signal("a.py", 2)],
        added={"a.py": frozenset({1})},
        known=lambda: pytest.fail("rules were listed"),
    )


def test_what_the_configuration_hides_is_kept_with_the_reason() -> None:
    """Ignored, or not among what was selected: it is counted, not gone."""
    ignoring = Configuration((Settings(ignore=("session-store",), origin="pyproject.toml"),))
    [hidden] = _decide("a.py", "S = 1\n", _finding("a.py", 1), configuration=ignoring).suppressed
    assert (hidden.by, hidden.reason, hidden.path) == ("config", "session-store is ignored", "pyproject.toml")
    selecting = Configuration(overrides=Overrides(select=("local-disk",)))
    assert _decide("a.py", "S = 1\n", _finding("a.py", 1), configuration=selecting).findings == ()


def test_the_configuration_changes_severities() -> None:
    """A team may call a check a warning."""
    configuration = Configuration((Settings(severity=(("session-store", Severity.NOTE),)),))
    [finding] = _decide("a.py", "S = 1\n", _finding("a.py", 1), configuration=configuration).findings
    assert finding.severity is Severity.NOTE


def test_one_instance_hides_what_only_hurts_with_several() -> None:
    """Affinity is hidden; what a restart loses is not."""
    one = Configuration((Settings(instances="one", origin="pyproject.toml"),))
    sticky = replace(_finding("service.yaml", 1), check=Check.STICKY_SESSION)
    [hidden] = _decide("service.yaml", "a: 1\n", sticky, configuration=one).suppressed
    assert hidden.reason.startswith('instances = "one"')
    assert _decide("service.yaml", "a: 1\n", _finding("service.yaml", 1), configuration=one).suppressed == ()


@pytest.mark.parametrize(
    ("text", "several"),
    [("replicas: 3\n", True), ("replicas: 1\n", False), ("a:\n  minReplicas: 2\n", True), ("port: 3\n", False)],
)
def test_one_instance_is_contradicted_aloud(text: str, *, several: bool) -> None:
    """Where the change itself asks for several, nothing is hidden, and the line that asks says so."""
    one = Configuration((Settings(instances="one"),))
    sticky = replace(_finding("service.yaml", 1), check=Check.STICKY_SESSION)
    decision = _decide("service.yaml", text, sticky, configuration=one)
    assert (len(decision.suppressed), [finding.rule for finding in decision.findings]) == (
        (0, [RULE, SEVERAL]) if several else (1, [])
    )


def test_notes_can_be_ignored_but_not_suppressed() -> None:
    """`ignore = ["suppression-unused"]` works; a comment can not hide what is said about itself."""
    text = f"# guard: ignore[{RULE}] why\nx = 1\n"
    quiet = Configuration((Settings(ignore=(UNUSED,)),))
    assert _decide("a.py", text, configuration=quiet).findings == ()
    assert {UNUSED, UNEXPLAINED, UNKNOWN, SEVERAL, STALE} == set(NOTES)
