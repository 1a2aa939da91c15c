"""No planted secret is ever in what is sent, recorded, exported or kept: by the text of each, and through a real server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from model_help import Scripted, answers, asked_ids, entry, everywhere, facts, judged, observations, signal
from model_wire import Answering, as_request, completion
from msgspec.structs import replace
from planted import SETTINGS, TELLING, TOLD, drawn, key_block

from guard.atoms import STATELESS_PROCESSES
from guard.atoms.focus import shipped
from guard.atoms.loader import load_atom
from guard.cli import run
from guard.finding import Check, Evidence
from guard.model.bare import bare_lines, bare_question
from guard.model.export import Exporter
from guard.model.judge import Asked, Message
from guard.model.prompt import calls_for, opening_for
from guard.model.question import Excerpt, Question
from guard.model.quote import place_of
from guard.model.secrets import Concealed, leaving, numbered, without_secrets
from guard.pipeline.heuristics import Observations
from guard.pipeline.questions import questions_from

LINES = {
    "code": 'send("{}")',
    "one quote": "send('{}')",
    "comment": "x = 1  # for tests: {}",
    "docstring": '    """Like {}, for example."""',
    "JSON": '  "x": "{}",',
    "setting": "X={}",
    "YAML": "  x: {}",
    "address": "https://example.org/?x={}&y=1",
    "words": "Remove {} from the code",
    "numbered": "  12 |     send({})",
}


def _core(secret: str) -> str:
    """What must not be found: the end of a secret, which its form does not tell."""
    return secret[-max(6, len(secret) // 2) :]


@pytest.mark.parametrize("kind", TELLING)
def test_what_says_what_it_is_does_not_leave(kind: str) -> None:
    """Wherever in a text it stands."""
    for place, line in LINES.items():
        text = leaving(line.format(TELLING[kind]))
        assert _core(TELLING[kind]) not in text, (place, text)
        assert "[secret-01]" in text


@pytest.mark.parametrize("kind", TOLD)
def test_what_a_line_tells_does_not_leave(kind: str) -> None:
    """A literal behind a name, a password in an address, an argument of a command; at the door, and in the file."""
    line, secret = TOLD[kind]
    text = line.format(secret)
    assert _core(secret) not in leaving(text), leaving(text)
    assert _core(secret) not in without_secrets(f"x = 1\n    {text}\ny = 2", "some/file.txt")


@pytest.mark.parametrize("kind", SETTINGS)
def test_what_a_file_tells_does_not_leave(kind: str) -> None:
    """Also where a line alone would say nothing: nor in the whole diff."""
    path, text, secret = SETTINGS[kind]
    whole = text.format(secret)
    assert secret not in without_secrets(whole, path), without_secrets(whole, path)
    body = "".join(f"+{line}\n" for line in whole.removesuffix("\n").split("\n"))
    diff = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,9 @@\n{body}"
    assert secret not in bare_question(diff), bare_question(diff)


def test_there_are_enough_kinds() -> None:
    """More than are promised, and none that is said twice."""
    assert len(TELLING) >= 60
    assert len(TELLING) + len(TOLD) + len(SETTINGS) >= 120
    assert len(set(TELLING.values())) == len(TELLING)


WAYS: dict[str, Callable[[str], str]] = {
    "file": lambda key: key,
    "string": lambda key: f'KEY = """\n{key}\n"""',
    "indented": lambda key: "key: |\n" + "\n".join(f"  {line}" for line in key.split("\n")),
    "joined": lambda key: "key = (\n" + "\n".join(f'    "{line}\\n"' for line in key.split("\n")) + "\n)",
    "added": lambda key: "const key =\n" + " +\n".join(f"  '{line}\\n'" for line in key.split("\n")) + ";",
    "one line": lambda key: '{"private_key": "' + key.replace("\n", "\\n") + '\\n"}',
    "comment": lambda key: "\n".join(f"# {line}" for line in key.split("\n")),
    "without its end": lambda key: key.rsplit("\n", 1)[0],
    "without its beginning": lambda key: "x\n" + key.split("\n", 1)[1],
    "in the middle": lambda key: "\n".join(key.split("\n")[2:5]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_no_line_of_a_private_key_leaves(kind: str, way: str) -> None:
    """However it is written down; what stands around it stays."""
    key, body = key_block(kind)
    text = f"before = 1\n{WAYS[way](key)}\nafter = 2"
    for cut in (without_secrets(text), without_secrets(text, "deploy/id_rsa") if way == "file" else ""):
        assert not [line for line in body[:-1] if line in cut], cut
    cut = without_secrets(text)
    assert cut.startswith("before = 1\n")
    assert cut.endswith("\nafter = 2")
    assert cut.count("\n") == text.count("\n")


def test_code_that_speaks_of_keys_is_no_key() -> None:
    """A first line in a program hides nothing of what follows."""
    code = 'if text.startswith("-----BEGIN PRIVATE KEY' + '-----"):\n    return load(text)\njobs[job] = "queued"\nsave(job)'
    assert without_secrets(code) == code


# -- placeholders ---------------------------------------------------------------------------------------------------------


def test_equal_secrets_look_equal_and_others_do_not() -> None:
    """Within a text, numbered in the order in which they appear, in one length, whatever the secrets' lengths."""
    one, two = TELLING["GitHub token"], TELLING["Stripe key"]
    assert leaving(f"a({one}) b({two}) c({one})") == "a([secret-01]) b([secret-02]) c([secret-01])"
    assert leaving(leaving(f"a({one})")) == leaving(f"a({one})")
    assert numbered(without_secrets(f"a({two}) [secret-01]")) == "a([secret-02]) [secret-01]"


def test_a_placeholder_says_nothing_of_the_secret() -> None:
    """Two texts that differ in their secrets alone are sent as the same bytes: ids and marks are no way to guess one either."""
    sent = []
    for password in ("hunter2hunter2", "correct-horse-9"):
        code = f'import os\nimport redis\n\njobs = {{}}\nconnect(password="{password}")\n'
        seen = observations(replace(signal(line=5), code=code.split("\n")[4]), code=code, plain=True)
        script = Scripted([everywhere("violation", "jobs = {}")])
        judged(seen, script, model="m")
        sent.append(script.requests[0])
    assert sent[0].messages == sent[1].messages
    assert sent[0].key == sent[1].key
    assert [one.key for one in sent[0].asked] == [one.key for one in sent[1].asked]


def test_a_quote_with_a_placeholder_is_a_true_quote() -> None:
    """Whichever number the secret had in the call; and the secret itself can not be quoted."""
    line = 'store(password="hunter2hunter2", jobs=jobs)'
    question = questions_from(observations(signal(line=4), code=f"a\nb\nc\n{line}\n", plain=True))[0]
    for quote in ('store(password="[secret-01]", jobs=jobs)', 'password="[secret-17]", jobs=jobs'):
        place = place_of(quote, question)
        assert place is not None
        assert place.line == 4
    assert place_of(line, question) is None


def test_exports_for_others_to_judge_hold_no_secret(tmp_path: Path) -> None:
    """The questions, and the whole diff of the bare prompt, as they are written into a file."""
    code = "jobs = {}\n" + "".join(f'send("{token}")\n' for token in TELLING.values())
    judged(observations(signal(line=1), code=code, plain=True), Exporter(str(tmp_path / "questions.jsonl")), model="m")
    body = "".join(f"+{line}\n" for line in code.removesuffix("\n").split("\n"))
    lines = bare_lines(
        load_atom(STATELESS_PROCESSES), "case", f"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -0,0 +1,99 @@\n{body}"
    )
    for text in ((tmp_path / "questions.jsonl").read_text(), json.dumps(lines)):
        assert "[secret-02]" in text
        assert not [secret for secret in TELLING.values() if _core(secret) in text]


def test_a_secret_of_one_file_is_hidden_in_all_others() -> None:
    """What only the environment file tells is a secret wherever else it stands: in code, in notes."""
    secret = drawn(12) + "x1"
    hiding = Concealed([(".env", [f"THING={secret}"]), ("app.py", [f'start("{secret}")', "jobs = {}"])])
    assert secret not in "\n".join(hiding.lines("app.py"))
    assert hiding.lines("app.py")[1] == "jobs = {}"
    assert secret not in hiding.text(f"`start()` is called with {secret}")


def test_nothing_can_be_said_or_kept_that_holds_a_secret() -> None:
    """A message and the text of a question are cut when they are made: there is no other way to say something."""
    for secret in TELLING.values():
        assert _core(secret) not in Message("user", f"say {secret}").content
        assert _core(secret) not in Asked("q", f"say {secret}").text


# -- through a real server ------------------------------------------------------------------------------------------------


def _function(name: str, lines: list[str]) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f'\n\n@app.post("/{name}")\ndef {name}():\n{body}\n    {name}_jobs["x"] = 1\n\n\n@app.get("/{name}")\ndef read_{name}():\n    return {name}_jobs["x"]\n'


def _program(lines: list[str], size: int = 25) -> str:
    """A web application whose functions are asked about, with these lines in them."""
    groups = [lines[start : start + size] for start in range(0, len(lines), size)]
    names = [f"part{number}" for number in range(len(groups))]
    state = "".join(f"{name}_jobs = {{}}\n" for name in names)
    return f"from flask import Flask\n\napp = Flask(__name__)\n{state}" + "".join(map(_function, names, groups))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose last commit plants every secret: in code, comments, texts, names of files, a branch, a title."""
    folder = tmp_path / "planted"
    folder.mkdir()
    monkeypatch.chdir(folder)
    _git("init", "-q", "-b", f"feature/{TELLING['GitLab token']}")
    _git("commit", "-q", "--allow-empty", "-m", "start")
    tokens = list(TELLING.values())
    (folder / "calls.py").write_text(_program([f'send("{token}")' for token in tokens]))
    (folder / "comments.py").write_text(_program([f"x = 1  # once {token}" for token in tokens]))
    (folder / "texts.py").write_text(_program([f'"""Like {token}."""' for token in tokens]))
    (folder / "told.py").write_text(
        _program([line.format(secret).strip() for line, secret in TOLD.values() if "def" not in line])
    )
    for kind in ("GitHub token", "AWS access key", "Stripe key"):
        (folder / f"{TELLING[kind]}.py").write_text(_program(["x = 1"]))
    (folder / ".env").write_text(
        f"CACHE_STORE=file\nMAIL_PASSWORD={drawn(9)}\nMAIL_PASSWORD=swordfish1\nOTHER={TOLD['JSON'][1]}\n"
    )
    handlers = "\n".join(f'    cache.lock().unwrap().insert("{token}", 1);' for token in tokens[:60])
    (folder / "main.rs").write_text(
        f"use axum::Router;\nstatic CACHE: Mutex<HashMap<String, u32>> = x;\nasync fn put() {{\n{handlers}\n}}\n"
    )
    key, _ = key_block()
    (folder / "key.py").write_text(
        _program([f"key = '''{key.splitlines()[0]}", *key.splitlines()[1:-1], f"{key.splitlines()[-1]}'''"])
    )
    _git("add", "-A")
    _git("commit", "-q", "-m", f"Use {TELLING['npm token']}")
    return folder


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


def _planted() -> list[str]:
    told = [secret for line, secret in TOLD.values() if "def" not in line]
    return [_core(secret) for secret in (*TELLING.values(), *told, "swordfish1")]


def _assert_none_in(text: str, where: str) -> None:
    """Also not in the escapes of JSON."""
    plain = text.replace("\\/", "/").replace('\\"', '"')
    assert not [secret for secret in _planted() if secret in plain], where
    assert not re.search(r"[A-Za-z0-9+/]{64}", re.sub(r"[0-9a-f]{64}", "", plain)), where


@pytest.mark.usefixtures("repository")
def test_no_planted_secret_reaches_a_server_a_record_or_the_cache(
    server: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every body that goes over the wire, repair turns included; the recorded exchange; the file of answers; the exports."""
    monkeypatch.setenv("OPENAI_BASE_URL", server.address)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    turns = {"first": 0, "repair": 0}

    def reply(sent: dict[str, Any]) -> object:
        request = as_request(sent)
        if len(request.messages) == 2:
            turns["first"] += 1
            return completion(f"I have seen this: {request.messages[1].content[:3_000]}")  # echoes all, answers nothing
        turns["repair"] += 1
        return completion(answers(*(entry(name, "violation", "app = Flask(__name__)") for name in asked_ids(request))))

    server.answer = reply
    record, cache = tmp_path / "record.jsonl", tmp_path / "cache"
    run(["review", "--commit", "HEAD", "--model", "m", "--sweep", "all", "--record", str(record)])
    run(["review", "--commit", "HEAD", "--model", "m", "--sweep", "all", "--cache", str(cache)])
    assert turns["first"] >= 4
    assert turns["repair"] == turns["first"]
    bodies = "\n".join(json.dumps(sent, ensure_ascii=False) for sent in server.seen)
    assert bodies.count("[secret-") > 300
    assert all(name in bodies for name in ("part0_jobs", "main.rs", "Mutex<HashMap"))
    _assert_none_in(bodies, "a request")
    _assert_none_in(record.read_text(), "the record")
    kept = b"".join(file.read_bytes() for file in cache.iterdir()).decode("latin-1")
    assert "violation" in kept
    _assert_none_in(kept, "the cache")
    capsys.readouterr()
    run(["prompt", "--commit", "HEAD", "--model", "m"])
    _assert_none_in(capsys.readouterr().out, "the preview")


@pytest.mark.usefixtures("repository")
def test_the_same_secrets_are_the_same_bytes_in_every_process() -> None:
    """So that answers are found again by whoever asks the same: the key of placeholders is another in each process."""
    command = ["-m", "guard", "prompt", "--commit", "HEAD", "--model", "m", "--format", "json", "comments.py"]
    seen = {subprocess.run([sys.executable, *command], check=False, capture_output=True).stdout for _ in range(2)}
    assert len(seen) == 1
    assert b"[secret-40]" in seen.pop()


def test_evidence_and_identities_that_hold_a_secret_are_cut() -> None:
    """Notes, statements, questions; and an id is a hash of what was cut already."""
    token = TELLING["Stripe key"]
    found = replace(
        signal(),
        message=f"`{token}` is lost.",
        question=f"Is {token} kept?",
        identity=token,
        evidence=(Evidence("shop/app.py", 4, f"`{token}` is created here"),),
    )
    other = replace(found, identity=TELLING["Stripe restricted key"])
    seen = Observations((found,), (facts(),))
    script = Scripted([everywhere("violation")])
    judged(seen, script, model="m")
    assert _core(token) not in script.requests[0].messages[1].content
    first, second = (questions_from(Observations((one,), (facts(),)))[0].id for one in (found, other))
    assert first == second


def test_an_excerpt_without_its_file_is_cut_at_the_door() -> None:
    """Whoever makes a question of lines that nobody has read whole can not send them as they are."""
    lines = tuple((number, f'call("{token}")') for number, token in enumerate(TELLING.values(), 1))
    question = Question("q", Check.LOCAL_DISK, "r", "a.py", 1, 1, "s", (), "u", (Excerpt("a.py", lines, len(lines)),))
    text = calls_for((question,), opening_for(shipped()), "m")[0].request.messages[1].content
    assert not [token for token in TELLING.values() if _core(token) in text]


@pytest.mark.parametrize(
    "line",
    [
        "password=" * 2_200,
        "password " * 2_200,
        "password" + " " * 19_000 + "x",
        "docker login " * 1_500,
        "a://b:" * 3_000,
        "1//0" * 5_000,
    ],
    ids=["pairs", "names", "blanks", "commands", "addresses", "slashes"],
)
def test_no_line_stops_a_review(line: str) -> None:
    """Text that somebody made to be slow is read in pieces; and what stands at its end is found all the same."""
    start = time.process_time()
    token = TELLING["GitHub token"]
    assert _core(token) not in leaving(f"{line} {token}")
    assert time.process_time() - start < 8


def test_settings_that_are_no_secrets_are_shown() -> None:
    """What an environment file says of stores, addresses, folders and numbers is what a question is about."""
    text = (
        "SESSION_DRIVER=file\nCACHE_STORE=database\nDB_HOST=db-1.internal.example.com\nDATABASE_URL=sqlite:///./data/app.db\n"
        "UPLOAD_DIR=/var/data/uploads\nWORKERS=4\nMAX=1024MB\nCHARSET=utf8mb4\nQUEUE=bullMQ\nSTORE=./storage/sessions.json\n"
        'NAME="My Shop"\nREGION=us-east-1\nTOKEN_STORE=redis\nSESSION_SECRET=${SECRET}\nAPI_TOKEN=\n'
    )
    assert without_secrets(text, ".env") == text
