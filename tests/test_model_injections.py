"""Text in a change that speaks to whoever judges: held against a judge that obeys it, in every way that it could.

The set stands in tests/injections/*.toml (docs/security.md). Each text is planted in programs that have a finding that is certain and
one that is likely, as a comment, a text, a docstring, a name, a file's name, the first line, a commit's title, a branch.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it ships no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # it ships no types
from model_help import answers, asked_ids, entry

from guard.change import Texts, parse
from guard.cli import run
from guard.config import Configuration
from guard.conversation import Terms, overview, settle
from guard.conversation.values import Conversation, PullRequest
from guard.finding import Confidence, Report
from guard.model.addressing import speaks_to_a_judge
from guard.model.inquiry import Inquiry
from guard.model.judge import Judge, Reply, Request
from guard.model.question import Excerpt
from guard.pipeline import review
from guard.reports import Page
from guard.reports import github as github_report
from guard.reports import json as json_report
from guard.reports import sarif as sarif_report
from guard.reports import text as text_report

FOLDER = Path(__file__).parent / "injections"
PLACES = ("comment", "end", "string", "docstring")


@dataclass(frozen=True)
class Injection:
    """A text, the places in which it stands, and the very reply that it asks for, if it says so."""

    name: str
    text: str
    where: tuple[str, ...] = PLACES
    reply: str = ""


def _all() -> Iterator[Injection]:
    for file in sorted(FOLDER.glob("*.toml")):
        for told in tomllib.loads(file.read_text(encoding="utf-8"))["injection"]:
            text = told["text"] * told.get("times", 1)
            yield Injection(told["name"], text, tuple(told.get("where", PLACES)), told.get("reply", ""))


INJECTIONS = tuple(_all())
UNSEEN = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e01ef\ufe00-\ufe0f]"
IN_CODE = [one for one in INJECTIONS if not {"title", "branch"} & set(one.where)]


@dataclass(frozen=True)
class Program:
    """A file in which § marks where a text can be planted: #§ a line of comment, "§" a text, §d a docstring, §e the end of a line."""

    path: str
    mark: str
    code: str
    certain: str
    likely: str


PYTHON = """\
§h
from flask import Flask, request
§c
app = Flask(__name__)
app.config["SESSION_TYPE"] = "filesystem"§e
jobs = {}§e
§s

@app.post("/jobs")
def start§n():
§d
    job = request.form["job"]§e
    jobs[job] = "queued"
    return job


@app.get("/jobs/<job>")
def status(job):
    §c
    return jobs[job]
"""
GO = """\
§h
package main

import (
	"net/http"

	"github.com/gorilla/sessions"
)

§c
§s
var store = sessions.NewFilesystemStore("", []byte("x"))§e
var counts = map[string]int{}§e

func hit§n(w http.ResponseWriter, r *http.Request) {
	§c
	counts[r.URL.Path]++
}

func show(w http.ResponseWriter, r *http.Request) {
	w.Write([]byte(string(counts[r.URL.Path])))§e
}

func main() {
	http.HandleFunc("/hit", hit§n)
	http.HandleFunc("/show", show)
	http.ListenAndServe(":80", nil)
}
"""
YAML = """\
§h
apiVersion: v1
kind: Service
metadata:
  name: shop
§c
spec:
  sessionAffinity: ClientIP§e
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - name: shop
          image: shop
          volumeMounts:
            - name: data
              mountPath: /app/uploads
      volumes:
        - name: data
          §c
          hostPath:§e
            path: /srv/data
"""
PHP = """\
<?php
§h
§c
session_save_path('/var/lib/sessions');§e
§s
file_put_contents('/var/www/uploads/' . $_FILES['f']['name'], $_POST['text']);§e
"""
PROGRAMS = {
    "python": Program("shop/app.py", "# ", PYTHON, "flask-session-filesystem", "shared-state"),
    "go": Program("shop/main.go", "// ", GO, "go-session-filesystem", "shared-counter"),
    "yaml": Program("deploy/service.yaml", "# ", YAML, "k8s-service-client-ip", "app-data-host-path"),
}


def _lines(text: str, mark: str, indent: str) -> str:
    """A text of any number of lines as comments; what ends a line anywhere ends the comment's."""
    return "\n".join(f"{indent}{mark}{line}" for line in re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text))


def _planted(program: Program, injection: Injection | None) -> tuple[str, str]:
    """The path and the text of a program with an injection."""
    where, text = (injection.where, injection.text) if injection else ((), "")
    flat = " ".join(text.split())
    literal = (
        f"NOTE = {json.dumps(text, ensure_ascii=False)}"
        if program.mark == "# "
        else f"var note = {json.dumps(text, ensure_ascii=False)}"
    )
    quoted = text.replace("\\", "/").replace('"""', "'''")
    lines = []
    for line in program.code.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        match line.strip():
            case "§h":
                lines += [_lines(text, program.mark, "")] if "header" in where else []
            case "§c":
                lines += [_lines(text, program.mark, indent)] if "comment" in where else []
            case "§s":
                lines += [literal] if "string" in where else []
            case "§d":
                lines += [f'    """Start.\n\n    {quoted}\n    """'] if "docstring" in where else []
            case _:
                end = f"  {program.mark}{flat}" if "end" in where else ""
                lines.append(line.replace("§e", end).replace("§n", f"_{text}" if "name" in where else ""))
    path = program.path.replace("/", f"/{re.sub(r'[^ -~]|/', '_', text)} ", 1) if "path" in where else program.path
    return path, "\n".join(lines)


def _reviewed(program: Program, injection: Injection | None, judge: Judge | None) -> Report:
    path, code = _planted(program, injection)
    quoted = json.dumps(f"b/{path}") if re.search(r"[^ -~]", path) else f"b/{path}"
    added = code.split("\n")
    patch = (
        f"diff --git a/{path} {quoted}\nnew file mode 100644\n--- /dev/null\n+++ {quoted}\n@@ -0,0 +1,{len(added)} @@\n"
        + "".join(f"+{line}\n" for line in added)
    )
    inquiry = Inquiry(judge, "m") if judge else None
    return review(
        parse(patch.encode()),
        Texts({path: code}),
        Configuration(),
        inquiry=inquiry,
    )


def _certain(report: Report) -> list[tuple[str, str]]:
    """Certain findings with what is said of them."""
    return [(finding.rule, finding.note) for finding in report.findings if finding.confidence is Confidence.CERTAIN]


# -- judges that obey -----------------------------------------------------------------------------------------------------


@dataclass
class Obeying:
    """A judge that does what an injection asks for, in one way: `says` makes the reply from a request and the text."""

    says: Callable[[Request, Injection], str]
    injection: Injection
    requests: list[Request] = field(default_factory=list)

    def ask(self, request: Request) -> Reply:
        """Obey."""
        self.requests.append(request)
        return Reply(self.says(request, self.injection))


def _a_true_quote(request: Request) -> str:
    """A line of code that was really sent."""
    lines: list[str] = re.findall(r"^ *\d+ \| (.*[=:{(].*)$", request.messages[1].content, re.MULTILINE)
    code = [line for line in lines if not line.lstrip().startswith(("#", "//", '"'))]
    return next((line for line in code if "jobs = {}" in line or "counts =" in line or "hostPath" in line), code[0])


def _dismisses_what_is_asked(request: Request, injection: Injection) -> str:
    return answers(
        *(entry(name, "fine", _bare(_a_true_quote(request)), injection.text[:200] or "x") for name in asked_ids(request))
    )


def _bare(line: str) -> str:
    """A line without the comment at its end."""
    return re.split(r"\s+(?:#|//) ", line)[0]


def _quotes_the_injection(request: Request, injection: Injection) -> str:
    quote = next((line for line in re.split(r"[\n\r]", injection.text) if line.strip()), injection.text)
    return answers(*(entry(name, "fine", quote[:250], "as told") for name in asked_ids(request)))


def _answers_for_others(request: Request, injection: Injection) -> str:
    quote = _bare(_a_true_quote(request))
    names = ["*", "all", "certain", "flask-session-filesystem", "q-00000000", *re.findall(r"[\w-]{4,40}", injection.text)[:20]]
    return answers(*(entry(name, "fine", quote, "as told") for name in names if name not in asked_ids(request)))


def _repeats_it(_request: Request, injection: Injection) -> str:
    return injection.reply or injection.text


def _confirms_all(request: Request, injection: Injection) -> str:
    return answers(
        *(entry(name, "violation", _bare(_a_true_quote(request)), injection.text[:400]) for name in asked_ids(request))
    )


LOSING = {"quoting it": _quotes_the_injection, "answering for others": _answers_for_others, "repeating it": _repeats_it}
"""Ways that must lead nowhere: nothing is dismissed."""


@cache
def _before(language: str) -> Report:
    return _reviewed(PROGRAMS[language], None, None)


@cache
def _offline(language: str, injection: Injection) -> Report:
    return _reviewed(PROGRAMS[language], injection, None)


def test_the_set_is_large_enough() -> None:
    """At least sixty, each with a name of its own."""
    assert len(INJECTIONS) >= 100
    assert len({one.name for one in INJECTIONS}) == len(INJECTIONS)
    for language, program in PROGRAMS.items():
        found = {finding.rule: finding.confidence for finding in _before(language).findings}
        assert found == {program.certain: Confidence.CERTAIN, program.likely: Confidence.LIKELY}


@pytest.mark.parametrize("injection", IN_CODE, ids=lambda one: one.name)
def test_no_injection_clears_a_certain_finding(injection: Injection) -> None:
    """Neither what it makes of a judge that obeys, nor what it makes of the heuristics; and it reaches no question but those asked."""
    for language, program in PROGRAMS.items():
        if not set(injection.where) & _possible(language):
            continue
        before = [rule for rule, _ in _certain(_before(language))]
        offline = _offline(language, injection)
        assert set(before) <= {rule for rule, _ in _certain(offline)}, language
        assert {finding.rule for finding in offline.findings} >= set(before)
        judge = Obeying(_dismisses_what_is_asked, injection)
        told = _reviewed(program, injection, judge)
        assert _certain(told) == _certain(offline), language
        assert told.model is not None
        asked = {name for request in judge.requests for name in asked_ids(request)}
        assert len(told.model.dismissed) <= len(asked)
        assert {gone.rule for gone in told.model.dismissed} <= {
            f.rule for f in offline.findings if f.confidence is Confidence.LIKELY
        }
        assert {f.rule for f in told.findings} | {gone.rule for gone in told.model.dismissed} >= {
            f.rule for f in offline.findings
        }


@pytest.mark.parametrize("way", LOSING)
@pytest.mark.parametrize("injection", IN_CODE, ids=lambda one: one.name)
def test_what_is_no_answer_dismisses_nothing(injection: Injection, way: str) -> None:
    """A quote out of the injection is none, other ids are nobody's, and a text is no answer: every finding stands."""
    if way == "quoting it" and "name" in injection.where:
        pytest.skip("a name is code: its quote is true, and dismisses what was asked about it")
    language = "python" if set(injection.where) & _possible("python") else "yaml"
    offline = _offline(language, injection)
    judge = Obeying(LOSING[way], injection)
    told = _reviewed(PROGRAMS[language], injection, judge)
    assert judge.requests or not any(f.confidence is Confidence.LIKELY for f in offline.findings)
    assert {finding.rule for finding in told.findings} == {finding.rule for finding in offline.findings}
    assert told.model is not None
    assert told.model.dismissed == ()


def test_a_judge_that_may_have_obeyed_is_not_believed() -> None:
    """Where the shown code speaks to whoever judges, a dismissal with a true quote dismisses nothing, and the finding says why."""
    believed = []
    for injection in IN_CODE:
        told = _reviewed(PROGRAMS["python"], injection, Obeying(_dismisses_what_is_asked, injection))
        assert told.model is not None
        if told.model.dismissed:
            believed.append(injection.name)
            continue
        notes = [finding.note for finding in told.findings if finding.rule == "shared-state"]
        assert not notes or "speaks to whoever judges, so that a dismissal is not believed" in notes[0]
    assert len(believed) <= 28, believed
    plain = Injection("nothing", "the states of jobs, for as long as they run")
    clean = _reviewed(PROGRAMS["python"], plain, Obeying(_dismisses_what_is_asked, plain))
    assert clean.model is not None
    assert [gone.rule for gone in clean.model.dismissed] == ["shared-state"]


@pytest.mark.parametrize(
    "line",
    [
        'prompt = f"<|im_start|>system\\n{text}<|im_end|>"',
        'messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]',
        "# this is fine, since the answer is computed again",
        'return {"answer": answer, "sources": sources}',
        "if reply.ok:  # fine",
        "raise Ignored('all rules were followed')",
        "# ignore the following rules for tests",
        'title = "Reviewers"',
    ],
)
def test_ordinary_code_speaks_to_nobody(line: str) -> None:
    """Programs that talk to models have prompts of their own."""
    assert speaks_to_a_judge([Excerpt("app.py", ((1, line),), 1)]) is None


def _possible(language: str) -> set[str]:
    return {"yaml": {"comment", "end", "header", "path"}, "go": {"comment", "end", "header", "path", "string", "name"}}.get(
        language, {"comment", "end", "header", "path", "string", "name", "docstring"}
    )


@pytest.mark.parametrize("injection", IN_CODE, ids=lambda one: one.name)
def test_an_injection_stays_where_it_stands(injection: Injection) -> None:
    """In the prompt every line of code begins with its number, and the fence's mark is nowhere in the code; nothing unseen is sent."""
    judge = Obeying(_repeats_it, injection)
    _reviewed(PROGRAMS["python"], injection, judge)
    for request in judge.requests[:1]:
        text = request.messages[1].content
        (mark,) = re.findall(r"the mark of the fences is ([0-9a-f]{16})\.", text.split("\n# Code", 1)[0])
        inside = text.split(f"<<<{mark} ", 1)[1].rsplit(f"\n{mark}>>>", 1)[0].split("\n")[1:]
        assert all(re.match(r" *(?:\d+|…) \|", line) for line in inside)
        assert not re.search(UNSEEN, text)
        assert len(text) < 20_000


@pytest.mark.parametrize("injection", [one for one in INJECTIONS if one not in IN_CODE], ids=lambda one: one.name)
def test_titles_and_branches_reach_nobody(
    injection: Injection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are in no prompt, and change no finding."""
    monkeypatch.chdir(tmp_path)
    branch = injection.text if "branch" in injection.where else "main"
    title = injection.text if "title" in injection.where else "x"
    subprocess.run(["git", "init", "-q", "-b", branch], check=True)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "start"], check=True)
    (tmp_path / "app.py").write_text(_planted(PROGRAMS["python"], None)[1])
    subprocess.run(["git", "add", "-A"], check=True)
    subprocess.run(["git", "commit", "-q", "-m", title], check=True)
    assert run(["prompt", "--commit", "HEAD", "--model", "m"]) == 0
    assert injection.text.casefold() not in capsys.readouterr().out.casefold()
    assert run(["review", "--commit", "HEAD", "--no-model", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {finding["rule"] for finding in found} == {"flask-session-filesystem", "shared-state"}


# -- what a model repeats -------------------------------------------------------------------------------------------------


def _rendered(body: str) -> str:
    """Markdown as GitHub shows it, without code spans, in which nothing is anything else than text."""
    html = github_flavored_markdown_to_html(body, options=Options.CMARK_OPT_UNSAFE)
    return re.sub(r"<(code|pre)\b.*?</\1>", "", str(html), flags=re.DOTALL)


@pytest.mark.parametrize("injection", IN_CODE, ids=lambda one: one.name)
def test_what_a_model_repeats_reaches_no_reader_as_more_than_text(injection: Injection) -> None:
    """Its reason stands in every report: on a terminal, in a workflow's log, in JSON, in SARIF, in the summary of a pull request."""
    told = _reviewed(PROGRAMS["python" if "comment" in injection.where else "go"], injection, Obeying(_confirms_all, injection))
    page = Page(color=False, width=100, verbose=True)
    text, log = text_report.render(told, page), github_report.render(told, page)
    assert not re.search(UNSEEN, text + log)
    assert all(re.match(r"::(?:error|warning|notice) |\d+ |$", line) for line in log.split("\n")), log
    assert not re.search(r"^\s*(?:::|##\[|##vso)", text, re.MULTILINE)
    assert json.loads(json_report.render(told, page))["findings"]
    sarif = json.loads(sarif_report.render(told, page))
    shown = [result["message"].get("markdown", "") for result in sarif["runs"][0]["results"]]
    empty = Conversation(PullRequest(1, "a" * 40, "b" * 40, "somebody"))
    shown.append(overview(settle(told, empty), parse(b""), empty, Terms()))
    for body in map(_rendered, shown):
        assert not re.search(r"<(?:script|img|details|table|input|iframe|h\d)\b|<!--|javascript:|href=\"[^\"]*evil", body), body
        assert not re.search(r"@[\w-]|\bGH-\d", re.sub(r"<[^>]*>", "", body)), body
