"""The code that a question shows: enough to decide, and no more."""

from __future__ import annotations

from model_help import signal
from msgspec.structs import replace

from guard.facts import Comment, Facts, Span
from guard.finding import Evidence, Signal
from guard.languages import read
from guard.model.question import Excerpt, Question
from guard.model.quote import place_of
from guard.pipeline.excerpts import excerpts_for, neighbourhood

CODE = """\
import json
import os
from flask import Flask, request

ROOT = "/data"
OTHER = 1


class Jobs:
    # Where a job is kept.
    def _path(self, name):
        return os.path.join(ROOT, name)

    def save(self, name):
        with open(self._path(name), "w") as out:
            json.dump({}, out)

    def unrelated(self):
        return OTHER
"""


def _facts(code: str = CODE, path: str = "app.py") -> Facts:
    facts = read(path, code.encode())
    assert facts is not None
    return facts


def _at(line: int, path: str = "app.py") -> Signal:
    return replace(signal(path=path, line=line), evidence=())


def _shown(found: Signal, *facts: Facts) -> list[Excerpt]:
    return list(excerpts_for(found, neighbourhood(facts)))


def test_a_method_comes_with_its_class_its_helpers_and_its_names() -> None:
    """The head of the class, the short method that gives the path, the constant that it names; nothing unrelated."""
    (excerpt,) = _shown(_at(15), _facts())
    lines = [text.strip() for _, text in excerpt.lines if text.strip()]
    assert lines == [
        "import json",
        "import os",
        'ROOT = "/data"',
        "class Jobs:",
        "# Where a job is kept.",
        "def _path(self, name):",
        "return os.path.join(ROOT, name)",
        "def save(self, name):",
        'with open(self._path(name), "w") as out:',
        "json.dump({}, out)",
    ]
    assert excerpt.total == 19


def test_a_setting_comes_with_the_places_that_use_it() -> None:
    """Nobody has looked for evidence yet: the words of the line are looked up in the file."""
    code = 'app.config["PICTURES"] = "pictures"\n\n\ndef save(file):\n    file.save(app.config["PICTURES"])\n\n\ndef other():\n    return 1\n'
    (excerpt,) = _shown(_at(1), _facts(code))
    assert [number for number, _ in excerpt.lines] == [1, 4, 5]


def test_who_calls_the_function_is_shown() -> None:
    """In its own file and in others of the change; not for a handler, which its framework calls."""
    store = 'import shelve\n\n\ndef keep(key):\n    with shelve.open("db") as db:\n        db[key] = 1\n'
    caller = 'from store import keep\nfrom flask import Flask\n\napp = Flask(__name__)\n\n\n@app.post("/x")\ndef handle():\n    keep("x")\n    return ""\n'
    shown = _shown(_at(5, "store.py"), _facts(store, "store.py"), _facts(caller))
    assert [excerpt.path for excerpt in shown] == ["store.py", "app.py"]
    assert '@app.post("/x")' in [text for _, text in shown[1].lines]
    again = caller.replace('keep("x")', 'x["y"] = 1') + "\n\ndef other():\n    return handle()\n"
    found = replace(signal(path="app.py", line=9), evidence=(Evidence("app.py", 9, "writes"),))
    (excerpt,) = _shown(found, _facts(again))
    assert "    return handle()" not in [text for _, text in excerpt.lines]


def test_evidence_in_another_file_is_shown_too() -> None:
    """The signal's own file comes first; a file that nobody read is left out."""
    found = signal(path="a.py", line=1)
    evidence = tuple(replace(item, path=path, line=1) for item, path in zip(found.evidence, ("b.py", "gone.py"), strict=True))
    shown = _shown(replace(found, evidence=evidence), _facts("y = 2\n", "b.py"), _facts("x = 1\n", "a.py"))
    assert [excerpt.path for excerpt in shown] == ["a.py", "b.py"]


def test_a_file_of_settings_is_shown_around_the_place() -> None:
    """It has no functions; its neighbours are the context."""
    text = "".join(f"key{number}: value\n" for number in range(100))
    (excerpt,) = _shown(_at(50, "values.yaml"), _facts(text, "values.yaml"))
    assert [number for number, _ in excerpt.lines] == list(range(38, 63))


def test_a_comment_alone_proves_nothing() -> None:
    """It may be quoted with its code, and code that a comment repeats stays code."""
    code = "jobs = {}  # approved: only a cache\n# jobs[key] = value\n/* no\n   comment */\njobs[key] = value\n"
    facts = replace(
        _facts("x = 1\n"),
        lines=tuple(code.split("\n")),
        comments=(
            Comment("approved: only a cache", Span(1, 1, 12)),
            Comment("jobs[key] = value", Span(2, 2)),
            Comment("no\n   comment", Span(3, 4)),
        ),
    )
    found = _at(1)
    question = Question("q", found.check, "r", "app.py", 1, 1, "s", (), "u", excerpts_for(found, neighbourhood([facts])))
    accepted = ["jobs = {}  # approved: only a cache", "jobs = {}", "jobs[key] = value"]
    refused = ["# approved: only a cache", "approved", "only a cache", "/* no\n comment", "no comment"]
    assert [quote for quote in (*accepted, *refused) if place_of(quote, question)] == accepted


def test_a_place_beyond_the_file_shows_nothing() -> None:
    """A partial text may be shorter than a signal thinks; that is no reason to stop."""
    (excerpt,) = _shown(_at(500), _facts("x = 1\n"))
    assert excerpt.lines == ()


def test_a_long_function_shows_where_its_names_get_their_values() -> None:
    """The line that makes the path is far above the one that writes it."""
    filler = "".join(f"    step_{number}()\n" for number in range(70))
    code = f"import os\n\n\ndef save(name):\n    step()\n    target = os.path.join('/data', name)\n{filler}    with open(target, 'w') as out:\n        out.write('x')\n"
    (excerpt,) = _shown(_at(77), _facts(code))
    lines = [text.strip() for _, text in excerpt.lines]
    assert "target = os.path.join('/data', name)" in lines
    assert "step_5()" not in lines


def test_names_of_php_are_found_with_their_sign() -> None:
    """Facts have them without; the text has them with it."""
    filler = "".join(f"    step_{number}();\n" for number in range(70))
    code = f"<?php\n\nfunction save($file, $name) {{\n    $target = '/data/' . $name;\n{filler}    $file->move($target, $name);\n}}\n"
    (excerpt,) = _shown(_at(75, "save.php"), _facts(code, "save.php"))
    assert "    $target = '/data/' . $name;" in [text for _, text in excerpt.lines]
