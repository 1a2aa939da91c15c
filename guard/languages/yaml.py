"""YAML: Kubernetes, Helm and Jinja templates of it, Compose, Traefik, Spring, Symfony, CloudFormation, Ansible, platforms' blueprints.

One setting for each leaf and each empty collection, its path made of keys and positions, `document` counting `---`. Tags of
templates are holes: unknown values, with their default as a choice. An alias is an unknown value. A line that no parser accepts
is quoted or left out, and said in `broken`; beyond a few of them the rest is read line by line.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._tags import Masked, mask
from guard.languages._templates import bare_name
from guard.languages._yaml_events import Collector, Trouble, comments_outside
from guard.languages._yaml_lines import is_key_or_item, repaired, settings_by_line

_LOCK_FILES = ("-lock.yaml", "-lock.yml", ".lock.yaml", ".lock.yml")
_KUBERNETES = re.compile(
    rb"^(?:apiVersion:[ \t]*\S.*\n(?:.*\n){0,40}?kind:[ \t]*\w|kind:[ \t]*\w.*\n(?:.*\n){0,40}?apiVersion:)", re.MULTILINE
)
_CLOUDFORMATION = re.compile(rb"^[ \t{]*\"?(?:AWSTemplateFormatVersion|Transform)\"?[ \t]*:", re.MULTILINE)
_PROSE = (".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt")
"""Texts for people quote configuration, and begin with some of their own."""
_TOP_KEY = re.compile(rb"(?:[ \t]*(?:#.*|---.*)?\n)*(?:[A-Za-z_][\w-]*|\"[\w-]+\"):(?:[ \t]|\n)")
_PROXY = re.compile(
    rb"^(?:static_resources|dynamic_resources):[ \t]*\n[ \t]|^(?:http|tcp|udp):[ \t]*\n(?:[ \t#].*\n|\n){0,200}?[ \t]+(?:routers|services|middlewares):[ \t]*$"
    rb"|^services:[ \t]*\n(?:[ \t#].*\n|\n){0,40}?[ \t]+(?:image|build):[ \t]*\S",
    re.MULTILINE,
)
"""Top keys of Envoy, of Traefik's dynamic configuration and of Compose, with what must stand below them."""
_PART = re.compile(rb"^[ \t]*(?:volumes|volumeMounts|annotations|containers|env|spec):[ \t]*$", re.MULTILINE)
_FIRST_BYTES = 65_536
_UNREADABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids, and what it takes for the end of a line where others do not."""
_INDENT = re.compile(r"^[ \t]*\t[ \t]*", re.MULTILINE)
_MOST_REPAIRS = 24
_REPAIRED_BYTES = 2_000_000
"""Each repair reads the text once more; together they read no more than this."""


def by_name(path: str) -> str | None:
    """YAML by its ending, also below the ending of a template or a sample; lock files are nobody's configuration."""
    name = bare_name(path)
    beanstalk = ".ebextensions/" in f"/{path}" and name.endswith(".config")
    return "yaml" if (name.endswith((".yaml", ".yml")) and not name.endswith(_LOCK_FILES)) or beanstalk else None


def by_content(path: str, text: bytes) -> str | None:
    """Kubernetes objects, CloudFormation, Envoy, Traefik and Compose under whatever name; states of Salt; helpers of a chart.

    Helpers hold a part of an object. Libraries of Scheme end like states of Salt.
    """
    start = text[:_FIRST_BYTES].replace(b"\r", b"")
    if path.endswith(".tpl") and "templates/" in path and _PART.search(start):
        return "yaml"
    if path.endswith(_PROSE):
        return None
    if path.endswith(".sls"):
        return None if start.lstrip().startswith((b"(", b";", b"#!")) else "yaml"
    known = _KUBERNETES.search(start) or _CLOUDFORMATION.search(start) or (_TOP_KEY.match(start) and _PROXY.search(start))
    return "yaml" if known else None


def read(path: str, text: str, language: str) -> Facts:
    """The facts of a YAML file."""
    lines = tuple(text.split("\n"))
    masked = mask(_UNREADABLE.sub(" ", text))
    reading = _read(masked)
    return Facts(
        path,
        language,
        lines=lines,
        settings=tuple(reading.settings),
        comments=tuple(sorted((*reading.comments, *masked.comments), key=lambda comment: comment.span)),
        # A chart's helpers hold texts of other kinds too: what is no YAML in them is nothing that went wrong.
        broken=() if path.endswith("_helpers.tpl") else tuple(Span(line, line) for line in sorted(reading.broken)),
    )


class _Reading(Struct):
    settings: list[Setting]
    comments: list[Comment]
    broken: set[int] = field(default_factory=set)


def _read(masked: Masked) -> _Reading:
    lines = _INDENT.sub(lambda found: found[0].expandtabs(2), masked.text).split("\n")
    written = list(lines)
    broken: set[int] = set()
    repairs = max(2, min(_MOST_REPAIRS, _REPAIRED_BYTES // (len(masked.text) + 1)))
    collector = Collector(masked, lines)
    trouble = collector.read("\n".join(lines))
    if trouble is not None and _begins_inside(lines):
        repairs = 0
        collector = Collector(masked, lines)
        trouble = Trouble(1, "a piece of a file")
    while trouble is not None and repairs and _mend(lines, trouble.line, broken):
        repairs -= 1
        collector = Collector(masked, lines)
        trouble = collector.read("\n".join(lines))
    settings = collector.settings
    if trouble is not None:
        broken.add(max(1, min(trouble.line, len(lines))))
        settings = settings + list(settings_by_line(lines, masked, trouble.line - 1, max(collector.document, 0)))
    if masked.tags and broken:
        settings = settings + _of_a_template(written, lines, masked, broken)
    found = comments_outside(masked.text.split("\n"), {} if trouble else collector.scalar_ends, masked)
    comments = [Comment(text, Span(line, line, column)) for line, column, text in found]
    return _Reading(settings, comments, broken)


def _of_a_template(written: list[str], lines: list[str], masked: Masked, broken: set[int]) -> list[Setting]:
    """The settings of lines that were left out although their template may well be right: its branches are never all there.

    What they say is read line by line; only what is no key and no item stays broken.
    """
    left_out = {number for number in broken if not lines[number - 1].strip()}
    found = [setting for setting in settings_by_line(written, masked, 0, 0) if setting.span.line in left_out]
    broken.intersection_update(number for number in left_out if not is_key_or_item(written[number - 1]))
    return found


def _begins_inside(lines: list[str]) -> bool:
    """Whether a text is a piece from the middle of a file: its first line is further in than a later one."""
    content = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return bool(content) and content[0][0] == " " and any(line[0] != " " for line in content)


def _mend(lines: list[str], number: int, broken: set[int]) -> bool:
    """Quote the value of a line that a parser refuses, or leave the line out; False if there is nothing left to do there."""
    number = min(number, len(lines))
    while number > 1 and not lines[number - 1].strip():
        number -= 1
    line = lines[number - 1]
    if not line.strip():
        return False
    lines[number - 1] = "" if number in broken else repaired(line)
    broken.add(number)
    return True
