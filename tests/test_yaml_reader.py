"""The reader of YAML: settings with their places, templates as holes, and nothing that makes it fail or hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Choice, Constant, Facts, Listing, Mapping, Setting, Template, Unknown
from guard.languages import read, reader_for


def _read(text: str, path: str = "config.yaml") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _settings(text: str, path: str = "config.yaml") -> dict[str, Setting]:
    return {".".join(setting.path): setting for setting in _read(text, path).settings}


def _texts(text: str) -> dict[str, str]:
    return {path: text_of(setting.value) for path, setting in _settings(text).items()}


@pytest.mark.parametrize(
    "path",
    [
        "a.yaml",
        "b/c.YML",
        "docker-compose.yml",
        "values.yaml.example",
        "x.yaml.j2",
        "y.yml.tpl",
        "application-prod.yml.erb",
        "k.yaml.gotmpl",
    ],
)
def test_yaml_is_known_by_its_name(path: str) -> None:
    """Endings of templates and samples do not hide it."""
    reading = reader_for(path, b"a: 1\n")
    assert reading is not None
    assert reading.language == "yaml"


def test_kubernetes_and_cloudformation_are_known_by_content() -> None:
    """A helper template of a chart and a template of a stack, whatever their names."""
    chart = reader_for(
        "charts/app/templates/_service.tpl", b'{{- define "x" -}}\nkind: Service\napiVersion: v1\nmetadata: {}\n'
    )
    stack = reader_for("stack.template", b"AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n")
    assert chart is not None
    assert stack is not None
    assert chart.language == stack.language == "yaml"


def test_lock_files_are_left_alone() -> None:
    """They are long, and nobody's configuration."""
    assert reader_for("pnpm-lock.yaml", b"a: 1\n") is None


def test_each_leaf_is_a_setting_with_its_path_document_and_lines() -> None:
    """Positions in lists are keys, documents are counted, values have their types."""
    text = "a:\n  b:\n    - c: 1\n      d: 'two'\n    - plain\n---\ne: [x, true]\nf: {}\ng: []\nh: ~\ni: 3.10\n"
    found = [(s.document, ".".join(s.path), s.value, s.span.line, s.span.end_line) for s in _read(text).settings]
    assert found == [
        (0, "a.b.0.c", Constant(1), 3, 3),
        (0, "a.b.0.d", Constant("two"), 4, 4),
        (0, "a.b.1", Constant("plain"), 5, 5),
        (1, "e.0", Constant("x"), 7, 7),
        (1, "e.1", Constant(True), 7, 7),
        (1, "f", Mapping(), 8, 8),
        (1, "g", Listing(), 9, 9),
        (1, "h", Constant(None), 10, 10),
        (1, "i", Constant("3.10"), 11, 11),
    ]


def test_block_scalars_keep_their_text_and_lines() -> None:
    """The span ends with the text, not with the next key."""
    settings = _settings("conf: |\n  upstream a {\n    ip_hash;\n  }\n\nnext: folded\n  over lines\n")
    assert settings["conf"].value == Constant("upstream a {\n  ip_hash;\n}\n")
    assert (settings["conf"].span.line, settings["conf"].span.end_line) == (1, 4)
    assert (settings["next"].span.line, settings["next"].span.end_line) == (6, 7)


def test_comments_have_their_places_and_hashes_in_text_are_none() -> None:
    """What stands in quotes, in a block or glued to a word is text."""
    text = "# first\na: 'x # no' # second\nb: c#d\ncolor: \"#fff\"\nblock: |\n  # text\nend: 1\n"
    found = [(comment.text, comment.span.line) for comment in _read(text).comments]
    assert found == [("first", 1), ("second", 2)]


def test_helm_tags_are_holes_and_lines_stay() -> None:
    """Tags that steer vanish, tags that print are unknown, a default is a choice."""
    text = (
        "{{- if .Values.on }}\n"
        "metadata:\n"
        '  name: {{ include "x" . }}-svc\n'
        "  labels:\n"
        "    {{- toYaml .Values.labels | nindent 4 }}\n"
        "spec:\n"
        "  {{- with .Values.svc }}\n"
        '  sessionAffinity: {{ .affinity | default "ClientIP" }}\n'
        "  {{- end }}\n"
        "{{- end }}\n"
    )
    settings = _settings(text)
    name, labels, affinity = (settings[path] for path in ("metadata.name", "metadata.labels", "spec.sessionAffinity"))
    assert isinstance(name.value, Template)
    assert isinstance(labels.value, Unknown)
    assert affinity.value == Choice((Unknown('{{ .affinity | default "ClientIP" }}'), Constant("ClientIP")))
    assert affinity.span.line == 8
    assert not _read(text).broken


def test_comments_of_templates_are_comments() -> None:
    """Suppressions stand in them."""
    found = _read("{{/* guard: ignore[x] because */}}\na: 1\n{# jinja #}\n").comments
    assert [(comment.text, comment.span.line) for comment in found] == [("guard: ignore[x] because", 1), ("jinja", 3)]


def test_variables_of_compose_and_spring_have_defaults() -> None:
    """Both spellings of a default are a choice."""
    settings = _settings("a: ${DRIVER:-file}\nb: ${URL:jdbc:h2:mem:x}\nc: ${PLAIN}\n")
    assert settings["a"].value == Choice((Unknown("${DRIVER:-file}"), Constant("file")))
    assert settings["b"].value == Choice((Unknown("${URL:jdbc:h2:mem:x}"), Constant("jdbc:h2:mem:x")))
    assert settings["c"].value == Unknown("${PLAIN}")


def test_cloudformation_tags_are_accepted() -> None:
    """References are unknown, substitutions are templates, a condition is a choice."""
    settings = _settings(
        "a: !Ref Param\nb: !Sub 'x-${AWS::Region}'\nc: !If [Cond, 'true', 'false']\nd: !GetAtt LB.DNSName\nsecret: !vault |\n  $ANSIBLE\n"
    )
    assert settings["a"].value == Unknown("!Ref Param")
    assert isinstance(settings["b"].value, Template)
    assert settings["c"].value == Choice((Constant("true"), Constant("false")))
    assert isinstance(settings["d"].value, Unknown)
    assert isinstance(settings["secret"].value, Unknown)


def test_a_broken_line_is_said_and_the_rest_is_read() -> None:
    """A value that no parser accepts, and keys that do not fit."""
    facts = _read("a: 1\nb: @bad\nc: %kernel.root%/x: y\nd:\n  e: 2\n bad indent\nf: 3\n")
    texts = {".".join(setting.path): text_of(setting.value) for setting in facts.settings}
    assert texts["a"] == "1"
    assert texts["b"] == "@bad"
    assert texts["f"] == "3"
    assert {span.line for span in facts.broken} >= {2}


def test_much_broken_yaml_is_read_line_by_line() -> None:
    """Beyond what is worth repairing, indentation tells the keys."""
    text = (
        "services:\n  app:\n"
        + "".join(f"    k{i}: }} {{ {i}\n" for i in range(40))
        + "    volumes:\n      - a:/b\n      - c:/d\n"
    )
    texts = _texts(text)
    assert texts["services.app.volumes.0"] == "a:/b"
    assert texts["services.app.volumes.1"] == "c:/d"


def test_a_piece_from_the_middle_of_a_file_is_read() -> None:
    """A patch without its file has keys without what is around them."""
    texts = _texts("\n\n    environment:\n      - A=1\n    volumes:\n      - a:/b\n    ports:\n      - 80\n\nvolumes:\n  a:\n")
    assert texts["environment.0"] == "A=1"
    assert texts["volumes.0"] == "a:/b"


def test_windows_lines_and_tabs_are_read() -> None:
    """Neither keeps a key from its place."""
    facts = read("a.yml", b"\xef\xbb\xbfa:\r\n\tb: 1\r\n\tc: |\r\n\t  x\r\nd: 2\r\n")
    assert facts is not None
    assert {".".join(s.path): s.span.line for s in facts.settings} == {"a.b": 2, "a.c": 3, "d": 5}


def test_aliases_are_not_followed() -> None:
    """A bomb costs no more than its lines, and ten thousand aliases are ten thousand unknowns."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(20)
    )
    many = "base: &x {y: 1}\nlist:\n" + "  - *x\n" * 10_000
    start = time.monotonic()
    assert len(_read(bomb).settings) < 300
    settings = _read(many).settings
    assert len(settings) == 10_001
    assert settings[-1].value == Unknown("*x")
    assert time.monotonic() - start < 5


def test_depth_and_length_are_bounded() -> None:
    """Neither thousands of brackets nor tags that never end exhaust the reader."""
    start = time.monotonic()
    for text in (
        "[" * 20_000,
        "{a: " * 5_000,
        "- " * 20_000,
        "{{" * 50_000,
        "{% " * 30_000,
        "a: {{ x\n" * 20_000,
        "? " * 5_000,
        "x: '" + "y" * 500_000,
    ):
        _read(text)
    assert time.monotonic() - start < 20


_PIECES = st.lists(
    st.sampled_from(
        [
            "a:",
            " b",
            "- ",
            "\n",
            "  ",
            "'",
            '"',
            "{{ ",
            " }}",
            "{% if %}",
            "|",
            ">-",
            "#",
            "&x ",
            "*x",
            "!Ref ",
            "[",
            "]",
            "{",
            "}",
            "?",
            "%",
            "\t",
            "é",
            "\r\n",
            "---\n",
            ": ",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(st.text(), _PIECES))
def test_any_text_is_read(text: str) -> None:
    """Whatever stands in a file, there are facts, and their lines are lines of the file."""
    facts = read("any.yaml", text.encode("utf-8", "surrogatepass"))
    assert facts is not None
    last = len(facts.lines)
    for span in [s.span for s in facts.settings] + [c.span for c in facts.comments] + list(facts.broken):
        assert 1 <= span.line <= span.end_line <= last


def test_branches_of_a_template_need_not_fit_each_other() -> None:
    """Items of two branches are indented differently: nothing is broken, and all of them are read."""
    facts = _read_template(
        "kind: Deployment\nspec:\n      volumes:\n        - name: config\n        {{- if .Values.own }}\n          - name: key\n"
        "            secret: a\n        {{- else }}\n          - name: key\n            secret: b\n        {{- end }}\n      other: 1\n"
    )
    assert not facts.broken
    assert {"secret", "other"} <= {setting.path[-1] for setting in facts.settings}


def test_a_text_that_a_template_prints_as_it_is() -> None:
    """Between back quotes tags are text: what stands there is read like the rest."""
    facts = _read_template(
        'rules:\n  - alert: x\n    annotations:\n      {{`\n      summary: "{{ $labels.pod }} is down"\n      `}}\n    severity: high\n'
    )
    assert not facts.broken
    assert [".".join(s.path) for s in facts.settings] == ["rules.0.alert", "rules.0.annotations.summary", "rules.0.severity"]


def _read_template(text: str) -> Facts:
    facts = read("chart/templates/a.yaml", text.encode())
    assert facts is not None
    return facts
