"""The reader of HCL: Terraform and its kin."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue import load, matches
from guard.catalogue.patterns import text_of, value_fits
from guard.facts import Choice, Constant, Facts, Name, Setting, Template, Unknown
from guard.languages import read

PIECES = st.sampled_from(
    [
        'resource "a" "b" {',
        'dynamic "x" {',
        "content {",
        "for_each = var.x",
        "count = 0",
        "x = ",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\n",
        "\r\n",
        " ",
        '"',
        "${",
        "<<EOF\n",
        "EOF\n",
        "? 1 : 2",
        "var.x",
        "#",
        "é",
        "1",
        "true",
    ]
)
TARGET = 'resource "aws_lb_target_group" "app" '


def _facts(text: str) -> Facts:
    facts = read("main.tf", text.encode())
    assert facts is not None
    assert facts.language == "hcl"
    return facts


def _setting(facts: Facts, path: str) -> Setting:
    return next(setting for setting in facts.settings if ".".join(setting.path) == path)


def _paths(facts: Facts) -> list[str]:
    return [".".join(setting.path) for setting in facts.settings]


def test_blocks_and_labels_are_the_path() -> None:
    """A block is a mapping over its lines, and what stands in it has its own lines."""
    facts = _facts(
        f'{TARGET}{{\n  # why\n  stickiness {{\n    enabled = true\n    type    = "lb_cookie"\n  }}\n  tags = {{ Name = "x" }}\n}}\n'
    )
    block = _setting(facts, "resource.aws_lb_target_group.app.stickiness")
    assert (block.span.line, block.span.end_line) == (3, 6)
    assert text_of(_setting(facts, "resource.aws_lb_target_group.app.stickiness.enabled").value) == "true"
    assert _setting(facts, "resource.aws_lb_target_group.app.tags.Name").value == Constant("x")
    assert [comment.text for comment in facts.comments] == ["why"]


def test_expressions_are_values() -> None:
    """Literals, references, templates, choices and functions that give back an argument."""
    facts = _facts(
        'locals {\n a = 1\n b = null\n c = "x-${var.y}"\n d = var.z ? "p" : "q"\n e = lookup(var.m, "k", false)\n f = tobool("true")\n g = md5("x")\n h = module.m.out\n i = <<EOF\nhi\nEOF\n}\n'
    )
    values = {setting.path[-1]: setting.value for setting in facts.settings}
    assert values["a"] == Constant("1")
    assert values["b"] == Constant(None)
    assert values["c"] == Template((Constant("x-"), Name("~var.y")))
    assert values["d"] == Choice((Constant("p"), Constant("q")))
    assert values["e"] == Choice((Unknown('lookup(var.m, "k", false)'), Constant(False)))
    assert values["f"] == Constant("true")
    assert values["g"] == Unknown('md5("x")')
    assert values["h"] == Name("module.m.out")
    assert values["i"] == Constant("hi")


@pytest.mark.parametrize(("default", "fits"), [("true", True), ("false", None), ("null", None)])
def test_a_variable_stands_for_its_default(default: str, fits: bool | None) -> None:
    """A reference resolves to the default that the same file declares."""
    facts = _facts(
        f'variable "sticky" {{\n  default = {default}\n}}\n{TARGET}{{\n  stickiness {{\n    enabled = var.sticky\n  }}\n}}\n'
    )
    value = _setting(facts, "resource.aws_lb_target_group.app.stickiness.enabled").value
    assert value_fits(value, ("true",), facts, "") is fits


def test_a_variable_is_looked_up_in_the_files_of_its_folder() -> None:
    """A default in variables.tf decides about main.tf beside it, not about another module."""
    main = read("lb/main.tf", f"{TARGET}{{\n  stickiness {{\n    enabled = var.sticky\n  }}\n}}\n".encode())
    beside = read("lb/variables.tf", b'variable "sticky" {\n  default = true\n}\n')
    elsewhere = read("other/variables.tf", b'variable "sticky" {\n  default = true\n}\n')
    assert main
    assert beside
    assert elsewhere
    rules = [rule for rule in load().candidates(main) if rule.id == "terraform-stickiness"]
    assert [match.span.line for match in matches(rules, main, [beside])] == [3]
    assert not list(matches(rules, main, [elsewhere]))
    assert not list(matches(rules, main))


DYNAMIC = (
    TARGET + '{{\n  dynamic "stickiness" {{\n    for_each = {each}\n    content {{\n      enabled = true\n    }}\n  }}\n}}\n'
)


@pytest.mark.parametrize(
    ("declared", "each", "value"),
    [
        ('variable "s" {\n  default = null\n}\n', "var.s == null ? [] : [var.s]", None),
        ('variable "s" {\n  default = false\n}\n', "var.s ? [1] : []", None),
        ('variable "s" {\n  default = true\n}\n', "var.s ? [1] : []", "true"),
        ("", "[1]", "true"),
        ("", "[]", None),
        ("", "var.s", "dynamic"),
    ],
)
def test_a_dynamic_block_is_there_if_its_variable_says_so(declared: str, each: str, value: str | None) -> None:
    """Left out where the default is empty, unknown where nothing in the file tells."""
    facts = _facts(declared + DYNAMIC.format(each=each))
    path = "resource.aws_lb_target_group.app.stickiness.enabled"
    assert (text_of(_setting(facts, path).value) if path in _paths(facts) else None) == value


def test_a_resource_that_a_count_switches_off_is_left_out() -> None:
    """`count = var.x ? 1 : 0` with x false by default makes nothing."""
    off = _facts('variable "x" {\n  default = false\n}\n' + TARGET + "{\n  count = var.x ? 1 : 0\n  port = 80\n}\n")
    assert not [path for path in _paths(off) if path.startswith("resource")]
    assert "resource.aws_lb_target_group.app.port" in _paths(_facts(TARGET + "{\n  count = var.x ? 1 : 0\n  port = 80\n}\n"))


def test_here_documents_are_read_as_what_they_hold() -> None:
    """A manifest, and the file that a machine's script writes, at their lines."""
    text = (
        'resource "kubectl_manifest" "app" {\n  yaml_body = <<-YAML\n    kind: Service\n    metadata:\n      name: ${var.name}\n    spec:\n      sessionAffinity: ClientIP\n  YAML\n}\n'
        'resource "aws_instance" "lb" {\n  user_data = <<-EOF\n    #!/bin/bash\n    cat > /etc/nginx/conf.d/app.conf <<CONF\n    upstream app {\n      ip_hash;\n    }\n    CONF\n  EOF\n}\n'
    )
    facts = _facts(text)
    assert facts.embedded == ("yaml", "nginx")
    assert _setting(facts, "spec.sessionAffinity").span.line == 7
    assert _setting(facts, "upstream.app.ip_hash").span.line == 15


def test_repeated_blocks_have_their_index() -> None:
    """Two `setting` blocks are two places, each with its own keys beside each other."""
    facts = _facts(
        'resource "e" "b" {\n  setting {\n    name = "x"\n  }\n  setting {\n    name = "y"\n  }\n  one {\n    a = 1\n  }\n}\n'
    )
    assert [path for path in _paths(facts) if path.endswith(("name", "a"))] == [
        "resource.e.b.setting.0.name",
        "resource.e.b.setting.1.name",
        "resource.e.b.one.a",
    ]


@given(pieces=st.lists(PIECES, max_size=60))
def test_no_text_raises_and_every_span_lies_in_the_file(pieces: list[str]) -> None:
    """Whatever stands in a file, its facts point into it."""
    facts = _facts("".join(pieces))
    for span in [*(s.span for s in facts.settings), *(c.span for c in facts.comments), *facts.broken]:
        assert 1 <= span.line <= span.end_line <= len(facts.lines)


def test_line_ends_of_windows_make_no_difference() -> None:
    """CR LF reads like LF."""
    text = f"{TARGET}{{\n  stickiness {{\n    enabled = true\n  }}\n}}\n"
    assert _facts(text.replace("\n", "\r\n")).settings == _facts(text).settings


@pytest.mark.parametrize(
    "text", ["a {" * 50_000, "x = " + "[" * 50_000, "x = " + "(" * 50_000, "x" * 2_000_000, 'x = "' + "${" * 50_000]
)
def test_deep_nesting_and_long_lines_are_bounded(text: str) -> None:
    """Hostile texts neither overflow the stack nor take long."""
    start = time.process_time()
    _facts(text)
    assert time.process_time() - start < 5
