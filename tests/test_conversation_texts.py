"""What comments, the summary and the check say: whole outputs, and that nobody's text breaks out of its place.

`UPDATE_SNAPSHOTS=1` writes the outputs anew.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it ships no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from guard.change import ChangeSet, FileChange, Hunk, Line, Status
from guard.conversation import Terms, answers, escape, plan, settle, texts
from guard.conversation.anchors import Anchor
from guard.conversation.markers import markers_in
from guard.conversation.values import (
    Conversation,
    PostRemark,
    PostReview,
    PullRequest,
    Remark,
    Reply,
    SetCheck,
    Thread,
)
from guard.finding import (
    ChangeSummary,
    Check,
    Confidence,
    Evidence,
    Failure,
    Finding,
    ModelUse,
    Origin,
    Report,
    Severity,
    Skipped,
    Suggestion,
    Suppressed,
    fingerprint,
)

SNAPSHOTS = Path(__file__).parent.parent / "fixtures" / "conversation"
HEAD, BASE = "5a1e77" + "0" * 34, "b" * 40
SITE = "https://forge.example/shop/web/blob/"


def link(path: str, line: int, end_line: int) -> str:
    """An address as a host makes it."""
    return f"{SITE}{HEAD}/{path.encode('utf-8', 'replace').decode()}#L{line}-L{end_line}"


SESSIONS = Finding(
    rule="flask-session-filesystem",
    check=Check.SESSION_STORE,
    path="shop/app.py",
    line=6,
    end_line=6,
    column=1,
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    origin=Origin.HEURISTIC,
    message='After a deploy, or on a second instance, every visitor is logged out: SESSION_TYPE "filesystem" keeps the sessions as files '
    "on this machine's disk. One instance loses them all the same.",
    remedy='Redis is already a dependency: SESSION_TYPE = "redis" and SESSION_REDIS = Redis.from_url(os.environ["REDIS_URL"]).',
    evidence=(),
    fingerprint=fingerprint("flask-session-filesystem", "a"),
    suggestion=Suggestion(6, 6, 'app.config["SESSION_TYPE"] = "redis"  # ```'),
)
IMPORTS = replace(
    SESSIONS,
    rule="shared-state",
    check=Check.MEMORY_CACHE,
    line=9,
    end_line=9,
    confidence=Confidence.LIKELY,
    origin=Origin.MODEL,
    message="After a deploy or a crash, or on a second instance, what `imports` holds is gone.",
    remedy="Keep it in Redis, under one key each.",
    evidence=(
        Evidence("shop/app.py", 9, "`imports` is created once per process here"),
        Evidence("shop/app.py", 15, "`start()` writes it"),
        Evidence("shop/worker.py", 3, "`tick()` needs it on a later request"),
    ),
    fingerprint=fingerprint("shared-state", "imports"),
    note="some-model: the entry is read by another request.",
    suggestion=None,
)
AFFINITY = replace(
    SESSIONS,
    rule="kubernetes-client-ip",
    check=Check.STICKY_SESSION,
    path="deploy/service.yaml",
    line=300,
    end_line=304,
    severity=Severity.WARNING,
    message="When a pod is replaced, its visitors lose what it remembered of them: the service sends each client to one pod.",
    remedy="Remove sessionAffinity, and keep sessions in a backing service.",
    fingerprint=fingerprint("kubernetes-client-ip", "web"),
    suggestion=None,
)
REPORT = Report(
    change=ChangeSummary(BASE, HEAD, 7, 41),
    findings=(SESSIONS, IMPORTS, AFFINITY),
    suppressed=(
        Suppressed(
            replace(IMPORTS, line=30, end_line=31, fingerprint="1" * 16), "comment", "one worker by design", "shop/app.py", 29
        ),
        Suppressed(replace(SESSIONS, path="old.py", fingerprint="2" * 16), "config", "session-store is ignored", "a.toml", 0),
    ),
    skipped=(
        Skipped("logo.png", "a binary file"),
        Skipped("README.md", "no reader for this kind of file"),
        Skipped("bundle.js", "larger than 1,000,000 bytes (2,300,000)"),
    ),
    errors=(Failure("deploy/values.yaml", "line 3: too many aliases"),),
    partial=("lib/queue.js",),
    unasked=2,
    model=ModelUse("some-model", 2, 1, 2310, 1024, 210, 0.0123, 3, 1),
)
CHANGE = ChangeSet(
    (
        FileChange(
            "shop/app.py",
            None,
            Status.ADDED,
            (Hunk(0, 0, 1, 20, tuple(Line("+", f"line {n}", None, n) for n in range(1, 21))),),
        ),
    ),
    BASE,
    HEAD,
)
TERMS = Terms(
    links=link,
    failing=frozenset({SESSIONS.fingerprint, IMPORTS.fingerprint}),
    notes=("This pull request changes .stateless-guard.toml; the base branch's was used.",),
)
PULL = PullRequest(7, HEAD, BASE, "arthur")


def _planned(report: Report, change: ChangeSet = CHANGE, terms: Terms = TERMS, **more: object) -> list[object]:
    conversation = Conversation(PULL, writers=frozenset({"wren"}))
    if more:
        conversation = replace(conversation, **more)
    return list(plan(settle(report, conversation), change, conversation, terms))


def _bodies(actions: list[object]) -> dict[str, str]:
    """Every body and text of a plan, by what it is."""
    found: dict[str, str] = {}
    for action in actions:
        match action:
            case PostReview(comments=comments):
                found |= {f"comment {number}": comment.body for number, comment in enumerate(comments)}
            case PostRemark(body=body):
                found["summary"] = body
            case Reply(body=body):
                found["reply"] = body
            case SetCheck(summary=summary, text=text):
                found |= {"check summary": summary, "check text": text}
            case _:
                pass
    return found


def _check_page(check: SetCheck) -> str:
    lines = [f"{check.conclusion}: {check.title}", "", check.summary, "", "---", "", check.text, "", "---", ""]
    for entry in check.annotations:
        lines += [f"{entry.level} {entry.path}:{entry.line}-{entry.end_line} {entry.title}", entry.message, ""]
    return "\n".join(lines)


def _snapshots() -> dict[str, str]:
    actions = _planned(REPORT)
    said = _bodies(actions)
    clean = Report(ChangeSummary(BASE, HEAD, 3, 9))
    was = Conversation(
        PULL,
        threads=(Thread("t1", (Remark("1", said["comment 0"], "us", ours=True),), "shop/app.py", 6, can_resolve=True),),
        remarks=(Remark("2", said["summary"], "us", ours=True),),
    )
    after = list(plan(settle(clean, was), CHANGE, was, TERMS))
    still = texts.still(IMPORTS, HEAD, link, name=IMPORTS.fingerprint, left_open=True)
    return {
        "comment.md": said["comment 0"],
        "comment-model.md": said["comment 1"],
        "still.md": still,
        "summary.md": said["summary"],
        "summary-fixed.md": next(action.body for action in after if hasattr(action, "body")),
        "check.md": _check_page(next(action for action in actions if isinstance(action, SetCheck))),
        "check-clean.md": _check_page(next(action for action in after if isinstance(action, SetCheck))),
    }


@pytest.mark.parametrize(
    "name", ["comment.md", "comment-model.md", "still.md", "summary.md", "summary-fixed.md", "check.md", "check-clean.md"]
)
def test_what_is_said_is_what_it_was(name: str) -> None:
    """Every byte; a change of wording is seen in review."""
    seen = _snapshots()[name]
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(seen, encoding="utf-8")
    assert seen == file.read_text(encoding="utf-8")


# -- nobody's text breaks out of its place ----------------------------------------------------------------------------

FRAGMENTS = [
    *("`", "``", "```", "~~~", "```suggestion\n", "\n", "\n\n", "\r\n", " ", "    ", "\t", "a", "word ", "é", "😀", "日本"),
    *(
        "@user",
        "@org/team",
        "#12",
        "GH-3",
        "gh-44",
        "o/r#1",
        "a@b.example",
        "http://evil.example",
        "www.evil.example",
        "ftp://x",
    ),
    *("[a](http://evil.example)", "![i](http://evil.example/p.png)", "[x]: http://evil.example", "[x]", "[^1]", "]", "(", ")"),
    *(
        "<!--",
        "-->",
        "--!>",
        "<details>",
        "</details>",
        "<img src=x>",
        "<a href=x>",
        "<script>",
        "<",
        ">",
        "&lt;!--",
        "&#64;user",
        "&",
    ),
    *(
        "# head",
        "## h\n",
        "- item",
        "* item",
        "+ item",
        "1. item",
        "2) item",
        "- [ ] task",
        "> quote",
        "> [!NOTE]",
        "===",
        "---",
        "***",
    ),
    *("| a | b |\n|---|---|\n", "*", "**", "_", "__", "~~", "$", "$$", "\\", "\\`", ":tada:", "|"),
    *(
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u2028",
        "\x00",
        "\x1b[31m",
        "\udcff",
        "\U000e0041",
        "\ufe0f",
        "\u3164",
    ),
    "<!-- stateless-guard:finding 0123456789abcdef heuristic x -->",
    "\n<!-- stateless-guard:summary -->\n",
    "\n<!-- stateless-guard:fixed abc -->\n",
]
HOSTILE = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=14).map("".join)
WORDS = HOSTILE.map(lambda text: f"x{text}")


class _Page(HTMLParser):
    """What a browser would make of it: tags, links, hidden comments, and the text outside code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.comments: list[str] = []
        self.text = ""
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._code += tag in ("code", "pre")
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text += "" if self._code else data


def _page(body: str) -> _Page:
    page = _Page()
    page.feed(github_flavored_markdown_to_html(body, options=Options.CMARK_OPT_UNSAFE))
    page.close()
    return page


def _is_harmless(body: str, markers: int) -> None:
    """Rendered as GitHub does: nothing but plain paragraphs, lists, code and our own links; nobody mentioned, nothing hidden."""
    page = _page(body)
    assert page.tags <= {"p", "strong", "em", "code", "pre", "ul", "li", "a"}
    assert all(address.startswith(SITE) for address in page.links)
    assert all(re.fullmatch(r" stateless-guard:[a-z]+( [^ ]+)* ", comment) for comment in page.comments)
    assert len(page.comments) == markers == len(markers_in(Remark("", body, "us", ours=True)))
    assert not re.search(r"@[\w-]|#\d|\bGH-\d|://|\bwww\.", page.text, re.IGNORECASE)
    assert not re.search("[\u00ad\u202a-\u202e\u2066-\u2069\u200c-\u200f\ufeff\x00-\x08\x1b\U000e0000-\U000e0fff]", body)
    assert escape.units(body) <= texts.LIMIT


def _hostile(text: str, path: str) -> Finding:
    proof = (Evidence(path, 3, text), Evidence("shop/app.py", 4, text))
    return replace(SESSIONS, message=text, remedy=text, note=text, evidence=proof, rule=text[:50])


@given(text=WORDS, path=HOSTILE, suggested=HOSTILE)
def test_no_text_breaks_out(text: str, path: str, suggested: str) -> None:
    """Whatever a model or a repository says, in whatever place of a comment, the summary, a reply or the check."""
    suggestion = Suggestion(6, 6, suggested.rstrip("\n"))
    inline = replace(_hostile(text, path), suggestion=suggestion)
    beyond = replace(_hostile(text, path), path=path, fingerprint="3" * 16)
    report = replace(
        REPORT,
        findings=(inline, beyond),
        suppressed=(Suppressed(replace(inline, fingerprint="4" * 16), "comment", text, path, 1),),
        skipped=(Skipped(path, text),),
        errors=(Failure(path, text),),
        partial=(path,),
        model=ModelUse(text, 1),
    )
    said = _bodies(_planned(report, terms=replace(TERMS, notes=(text,))))
    markers = {"comment 0": 1, "summary": 2, "check summary": 0, "check text": 0}
    assert said.keys() == markers.keys()
    for what, body in said.items():
        _is_harmless(body, markers[what])
    _is_harmless(texts.still(inline, HEAD, link, name=inline.fingerprint, left_open=False), 1)
    without_block = re.sub(r"(?ms)^(`{3,})suggestion\n.*?^\1$", "", said["comment 0"])
    assert len(without_block.strip()) <= texts.PROSE


def test_links_give_way_to_words() -> None:
    """A comment is as long as a mail shows it: links into its own file go first, those elsewhere while there is room."""
    proofs = [Evidence(path, line, "it is read here") for path in ("shop/app.py", "w.py") for line in (3, 4)]
    bodies = [
        texts.comment(
            replace(IMPORTS, evidence=tuple(proofs), message="m" * length), texts.Wording("n", Anchor("a", 9, 9), link)
        )
        for length in (20, 250, 420)
    ]
    assert [(body.count(SITE + HEAD + "/shop"), body.count(SITE + HEAD + "/w.py")) for body in bodies] == [
        (2, 2),
        (0, 2),
        (0, 0),
    ]
    assert all(len(body) <= texts.PROSE and "`w.py:4`" in body for body in bodies)


@given(text=WORDS)
def test_an_answer_holds_what_it_quotes(text: str) -> None:
    """A page that is explained, and a name that is asked for, stay in their block or span."""
    command = " ".join(text.split())[:60]
    conversation = Conversation(PULL, remarks=(Remark("1", f"/guard explain {command}", "wren"),), writers=frozenset({"wren"}))
    for explain in (lambda _name: text, lambda _name: ""):
        for action in answers(conversation, explain):
            assert isinstance(action, PostRemark)
            page = _page(action.body)
            assert page.tags <= {"p", "code", "pre"}
            assert len(page.comments) == 1
            assert not re.search(r"@\w|#\d", page.text)


@given(text=st.text(st.sampled_from("ab ```~\n\t😀é<"), max_size=400), limit=st.integers(80, 300))
def test_what_is_cut_fits_and_closes_its_fences(text: str, limit: int) -> None:
    """On a character boundary, never in the middle of an open block, and it says so."""
    remark = "*cut*"
    body = escape.cut(text, limit, remark)
    assert len(body.encode("utf-16-le")) // 2 <= limit
    if body != text:
        assert _page(body).tags >= {"em"}
        assert body.endswith(remark)


@pytest.mark.parametrize("number", [300, 3_000])
def test_a_wall_of_findings_fits(number: int) -> None:
    """Bodies are cut where the host would refuse them, and the summary still says what it must and is known again."""
    wall = tuple(
        replace(AFFINITY, path=f"dir/{'x' * 80}{index}.yaml", message="m" * 400, fingerprint=f"{index:016x}")
        for index in range(number)
    )
    report = Report(ChangeSummary(BASE, HEAD, number, number), findings=wall, errors=(Failure("a.py", "e" * 5_000),))
    said = _bodies(_planned(report))
    assert all(escape.units(body) <= texts.LIMIT for body in said.values())
    summary = said["summary"]
    assert f"{number:,} findings" in summary
    assert HEAD[:7] in summary
    assert "Cost: $0" in summary
    kinds = [marker.kind for marker in markers_in(Remark("", summary, "us", ours=True))]
    assert kinds[0] == "summary"
    there = Conversation(PULL, remarks=(Remark("1", summary, "us", ours=True),))
    again = plan(settle(report, there), CHANGE, there, TERMS)
    assert [type(action) for action in again] == [SetCheck]


def test_a_suggestion_is_for_exactly_the_commented_lines() -> None:
    """The block replaces the whole commented range, in a fence longer than any inside; there is none where it can not be shown."""
    [review] = [action for action in _planned(REPORT) if isinstance(action, PostReview)]
    comment = review.comments[0]
    assert (comment.start_line, comment.line) == (6, 6)
    assert '````suggestion\napp.config["SESSION_TYPE"] = "redis"  # ```\n````' in comment.body
    for text in ("a\u202eb", "<!-- stateless-guard:summary -->", "x\r"):
        changed = replace(SESSIONS, suggestion=Suggestion(6, 6, text))
        body = texts.comment(changed, texts.Wording("n", Anchor("a", 6, 6, suggests=True), link))
        assert "suggestion\n" not in body


def test_a_wider_suggestion_widens_the_comment() -> None:
    """Several lines are commented where several are replaced."""
    wide = replace(SESSIONS, suggestion=Suggestion(5, 7, "one line"))
    [review] = [action for action in _planned(replace(REPORT, findings=(wide,))) if isinstance(action, PostReview)]
    assert [(comment.start_line, comment.line) for comment in review.comments] == [(5, 7)]
    assert "```suggestion\none line\n```" in review.comments[0].body
