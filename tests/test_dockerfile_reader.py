"""The reader of Dockerfiles: what each instruction says, stage by stage, with its lines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Choice, Constant, Facts, Listing, Template, Unknown, Value
from guard.languages import read, reader_for


def _read(text: str, path: str = "Dockerfile") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _said(text: str) -> list[tuple[int, str, str, int, int]]:
    return [(s.document, ".".join(s.path), text_of(s.value), s.span.line, s.span.end_line) for s in _read(text).settings]


def _value(text: str, path: str) -> Value:
    return next(s.value for s in _read(text).settings if ".".join(s.path) == path)


@pytest.mark.parametrize(
    "path", ["Dockerfile", "a/Containerfile", "Dockerfile.web", "web.dockerfile", "Dockerfile.j2", "Dockerfile-prod"]
)
def test_dockerfiles_are_known_by_their_names(path: str) -> None:
    """With the name of an image before or after it."""
    reading = reader_for(path, b"FROM x\n")
    assert reading is not None
    assert reading.language == "dockerfile"


@pytest.mark.parametrize("path", ["dockerfile.py", "Dockerfile.md", "mydockerfile"])
def test_programs_about_dockerfiles_are_none(path: str) -> None:
    """Only the name of the file itself counts."""
    reading = reader_for(path, b"FROM x\n")
    assert reading is None or reading.language != "dockerfile"


def test_each_instruction_says_its_settings() -> None:
    """Paths as the reader's text lists them; several things in one instruction are several settings."""
    text = (
        'FROM node:20 AS build\nENV A=1 \\\n    B="two words"\nENV OLD the old form\nARG V=3\nFROM alpine\n'
        'VOLUME ["/data", "/var/x"]\nEXPOSE 80\nLABEL a.b="c d"\nRUN x\nRUN y\nCMD ["node", "app.js"]\n'
    )
    assert _said(text) == [
        (0, "FROM", "node:20", 1, 1),
        (0, "ENV.A", "1", 2, 2),
        (0, "ENV.B", "two words", 3, 3),
        (0, "ENV.OLD", "the old form", 4, 4),
        (0, "ARG.V", "3", 5, 5),
        (1, "FROM", "alpine", 6, 6),
        (1, "VOLUME.0", "/data", 7, 7),
        (1, "VOLUME.1", "/var/x", 7, 7),
        (1, "EXPOSE.0", "80", 8, 8),
        (1, "LABEL.a.b", "c d", 9, 9),
        (1, "RUN.0", "x", 10, 10),
        (1, "RUN.1", "y", 11, 11),
        (1, "CMD", "[node, app.js]", 12, 12),
    ]


def test_variables_are_replaced_by_what_was_said_before() -> None:
    """ENV, defaults of ARG, those of the stage it is built from; the rest are holes."""
    text = (
        "ARG BASE=debian\nFROM ${BASE} AS one\nENV HOME=/home/x DATA=/d\nENV DATA=${HOME}/data\nFROM one\nARG SUB=files\n"
        'VOLUME "${DATA}/$SUB"\nVOLUME $WHO/x ${OTHER:-/o} \\$no\n'
    )
    assert [text for _, path, text, *_ in _said(text) if path == "FROM"] == ["debian", "one"]
    volumes = [s.value for s in _read(text).settings if s.path[0] == "VOLUME"]
    assert volumes == [
        Constant("/home/x/data/files"),
        Template((Unknown("$WHO"), Constant("/x"))),
        Choice((Unknown("${OTHER}"), Constant("/o"))),
        Constant("$no"),
    ]


def test_shell_and_exec_forms() -> None:
    """A list of words or one text."""
    assert _value("FROM x\nCMD gunicorn -w 4 app:app\n", "CMD") == Constant("gunicorn -w 4 app:app")
    assert _value('FROM x\nENTRYPOINT ["a", "$B"]\n', "ENTRYPOINT") == Listing((Constant("a"), Constant("$B")))
    assert _value("FROM x\nONBUILD VOLUME /x\n", "ONBUILD.VOLUME.0") == Constant("/x")


def test_comments_stand_between_continued_lines() -> None:
    """They neither end the instruction nor become part of it."""
    text = "# top\nFROM x\nRUN a \\\n  # inside\n  && b # not one\nVOLUME /d\n"
    facts = _read(text)
    assert [(comment.text, comment.span.line) for comment in facts.comments] == [("top", 1), ("inside", 4)]
    run = next(s for s in facts.settings if s.path[0] == "RUN")
    assert (run.span.line, run.span.end_line) == (3, 5)


def test_here_documents_are_not_instructions() -> None:
    """VOLUME in a script is a word of the script."""
    text = "FROM x\nRUN <<EOF\nVOLUME /a\nEOF\nCOPY <<'A' <<B /dst/\nENV X=1\nA\nENV Y=1\nB\nVOLUME /b\n"
    assert [(path, line) for _, path, _, line, _ in _said(text) if path.startswith(("VOLUME", "ENV"))] == [("VOLUME.0", 10)]


def test_windows_lines_escape_directive_and_templates() -> None:
    """What Docker accepts is read."""
    facts = read(
        "Dockerfile.j2", b"# escape=`\r\nFROM {{ image }}\r\nENV A=1 `\r\n\tB=2\r\n{% if x %}\r\nVOLUME /v\r\n{% endif %}\r\n"
    )
    assert facts is not None
    assert [(".".join(s.path), s.span.line) for s in facts.settings] == [
        ("FROM", 2),
        ("ENV.A", 3),
        ("ENV.B", 4),
        ("VOLUME.0", 6),
    ]
    assert facts.settings[0].value == Unknown("{{ image }}")


def test_what_is_no_instruction_is_said() -> None:
    """The rest is read all the same."""
    facts = _read("FROM x\nthis is no instruction\nVOLUME /d\n")
    assert [span.line for span in facts.broken] == [2]
    assert facts.settings[-1].path == ("VOLUME", "0")


def test_long_files_are_read_in_time() -> None:
    """Neither endless continuations nor quotes that never close hang the reader."""
    start = time.monotonic()
    for text in (
        "RUN a \\\n" * 50_000,
        'ENV A="' * 20_000,
        "VOLUME " + "[" * 50_000,
        "RUN <<A\n" * 3_000,
        "ENV " + "A=$B" * 50_000,
    ):
        _read(text)
    assert time.monotonic() - start < 20


_PIECES = st.lists(
    st.sampled_from(
        [
            "FROM ",
            "ENV ",
            "VOLUME ",
            "CMD ",
            "RUN ",
            "ARG ",
            "A=",
            "[",
            '"',
            "'",
            "]",
            "\\",
            "\n",
            "\\\n",
            "# ",
            "<<EOF",
            "EOF",
            "$",
            "${A",
            "}",
            ":-",
            "{{ ",
            "}}",
            "x",
            " ",
            "\t",
            "\r\n",
            "é",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(st.text(), _PIECES))
def test_any_text_is_read(text: str) -> None:
    """Whatever stands in a file, there are facts, and their lines are lines of the file."""
    facts = read("Dockerfile", text.encode("utf-8", "surrogatepass"))
    assert facts is not None
    last = len(facts.lines)
    for span in [s.span for s in facts.settings] + [c.span for c in facts.comments] + list(facts.broken):
        assert 1 <= span.line <= span.end_line <= last


def test_an_empty_line_does_not_end_a_continued_instruction() -> None:
    """Docker passes over empty lines between the lines of one instruction, with or without comments around them."""
    facts = read("Dockerfile", b"FROM a\nRUN one \\\n\n    # then\n\n    && two\nVOLUME /data\n")
    assert facts is not None
    assert facts.broken == ()
    assert [setting.span.line for setting in facts.settings if setting.path[0] == "VOLUME"] == [7]
