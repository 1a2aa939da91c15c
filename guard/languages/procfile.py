"""Procfiles: the commands of an application's processes, as Heroku, Dokku, Elastic Beanstalk, foreman and their kin start them.

The settings are those of a service in a Compose file: `web: DEBUG=1 gunicorn app:app` has (("web", "command"), "gunicorn app:app") and
(("web", "environment", "0"), "DEBUG=1"). https://devcenter.heroku.com/articles/procfile#procfile-format
"""

from __future__ import annotations

import re

from guard.facts import Comment, Facts, Setting, Span
from guard.languages._templates import bare_name, value_of

_NAME = re.compile(r"procfile(?:[._-][\w.-]+)?|[\w.-]+\.procfile")
_LINE = re.compile(r"(?P<process>[A-Za-z0-9_-]{1,80})\s*:\s+(?P<command>\S.*)")
_BEFORE = re.compile(r"(?:env\s+)?(?P<name>[A-Za-z_]\w*)=(?P<value>\"[^\"]*\"|'[^']*'|\S*)\s+")
_MOST_BROKEN = 50


def by_name(path: str) -> str | None:
    """`Procfile`, `Procfile.dev`, `web.procfile`."""
    return "procfile" if _NAME.fullmatch(bare_name(path)) else None


def read(path: str, text: str, language: str) -> Facts:
    """A command, and the variables before it, for each process."""
    lines = text.split("\n")
    settings: list[Setting] = []
    comments: list[Comment] = []
    broken: list[Span] = []
    for number, line in enumerate(lines, 1):
        span = Span(number, number, len(line) - len(line.lstrip()) + 1)
        found = _LINE.fullmatch(line.strip())
        if line.lstrip().startswith("#"):
            comments.append(Comment(line.strip().lstrip("#").strip(), span))
        elif found:
            settings += _process(found["process"], found["command"], span)
        elif line.strip():
            broken.append(span)
    return Facts(
        path, language, tuple(lines), settings=tuple(settings), comments=tuple(comments), broken=tuple(broken[:_MOST_BROKEN])
    )


def _process(process: str, command: str, span: Span) -> list[Setting]:
    variables: list[Setting] = []
    while found := _BEFORE.match(command):
        value = found["value"].strip("\"'")
        variables.append(Setting((process, "environment", str(len(variables))), value_of(f"{found['name']}={value}"), span))
        command = command[found.end() :]
    return [Setting((process, "command"), value_of(command), span), *variables]
