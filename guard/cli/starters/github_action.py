"""Workflows that review pull requests on GitHub.

Three ways, see docs/github-action.md: branches of the repository itself (the default), every pull request in two steps of which
none has both a stranger's code and a token that writes (--forks), and every pull request read by the API alone (--target).
"""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping

from guard.cli.starters import Edit, Plan, Project
from guard.errors import UsageError

HELP = "workflows that review pull requests on GitHub (.github/workflows/stateless-guard*.yml)"

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workflows")
_MAIN = ".github/workflows/stateless-guard.yml"
_POST = ".github/workflows/stateless-guard-post.yml"
_COMMANDS = ".github/workflows/stateless-guard-commands.yml"
WAYS: Mapping[str, Mapping[str, str]] = {
    "branches": {_MAIN: "pull-requests.yml"},
    "forks": {_MAIN: "forks-review.yml", _POST: "forks-post.yml"},
    "target": {_MAIN: "target.yml"},
    "split": {_MAIN: "split-model.yml"},
}
"""Which templates each way writes, and where."""
_ALSO = {_COMMANDS: "commands.yml"}
_PLACEHOLDER = "YOUR_ORG/stateless-guard@0000000000000000000000000000000000000000 # the commit that you trust"
_MODEL = "NAME_OF_THE_MODEL"
_USES = re.compile(r"^( *- uses: )(?!actions/)\S+( #.*)?$", re.MULTILINE)
_ASKED = re.compile(r"^( +model: )\S+$", re.MULTILINE)
_REFERENCE = re.compile(
    r"(?P<action>[A-Za-z0-9-]+/[\w.-]+(?:/[\w.-]+)*@[0-9a-f]{40})(?:#(?P<version>[\w.+-]+))?|(?P<here>\./[\w./-]*)"
)


def arguments(parser: ArgumentParser) -> None:
    """Which way, and which action."""
    parser.add_argument(
        "--action",
        metavar="OWNER/REPO@SHA",
        type=_reference,
        help="where stateless-guard's action.yml is, and the whole name of the commit that you trust; #v1.2.3 after it is kept as "
        "a comment; ./FOLDER if it is in the repository itself",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--forks", dest="way", action="store_const", const="forks", help="forks too, in two steps: a report, then its posting"
    )
    way.add_argument("--target", dest="way", action="store_const", const="target", help="forks too, read by the API alone")
    way.add_argument(
        "--split-model",
        metavar="MODEL",
        type=_model,
        help="ask this model, in a job that has the key (secret OPENAI_API_KEY) and can write nothing",
    )
    parser.add_argument("--commands", action="store_true", help="a workflow for /guard commands in comments, too")
    parser.set_defaults(way="branches")


def _reference(text: str) -> str:
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(
            f"{text!r} is not OWNER/REPO@SHA with the 40 digits of a commit: a tag or a branch can be moved"
        )
    return f"{found['action'] or found['here']}{' # ' + found['version'] if found['version'] else ''}"


def _model(text: str) -> str:
    if not re.fullmatch(r"\w[\w.:/@+-]*", text):
        raise ArgumentTypeError(f"{text!r} is no model's name")
    return text


def plan(project: Project, options: Namespace) -> Plan:
    """The workflows of one way; those of another that this command wrote go. Raises UsageError for files of somebody else."""
    if not options.action:
        raise UsageError(
            "which action? give --action OWNER/REPO@SHA: the repository with stateless-guard's action.yml, and the commit you trust"
        )
    wanted = dict(_wanted(options))
    edits: list[Edit] = []
    for path in (_MAIN, _POST, _COMMANDS):
        before, after = project.read(path), wanted.get(path)
        if before == after or (after is None and not _is_ours(before)):
            continue
        if before is not None and not _is_ours(before):
            raise UsageError(f"{path}: is there and not as this command writes it; nothing written, move it away or edit it")
        edits.append(Edit(path, before, after))
    if not edits:
        return Plan(notes=(f"{', '.join(wanted)} review pull requests already; nothing written",))
    return Plan(tuple(edits), tuple(_advice(options)))


def removal(project: Project, options: Namespace) -> Plan:
    """The workflows as this command writes them, whichever way and action; what was edited stays."""
    del options
    texts = {path: project.read(path) for path in (_MAIN, _POST, _COMMANDS)}
    edits = tuple(Edit(path, text, None) for path, text in texts.items() if _is_ours(text))
    notes = [f"{path} was edited; not removed" for path, text in texts.items() if text is not None and not _is_ours(text)]
    return Plan(edits, tuple(notes) if notes or edits else ("there is no workflow of stateless-guard; nothing removed",))


def _wanted(options: Namespace) -> Iterator[tuple[str, str]]:
    way = "split" if options.split_model else options.way
    for path, name in {**WAYS[way], **(_ALSO if options.commands else {})}.items():
        text = template(name).replace(_PLACEHOLDER, options.action)
        yield path, text.replace(_MODEL, options.split_model or _MODEL)


def template(name: str) -> str:
    """A workflow as it is published, with a placeholder for the action."""
    with open(os.path.join(_TEMPLATES, name), encoding="utf-8") as stream:
        return stream.read()


def _is_ours(text: str | None) -> bool:
    """Whether a workflow is one of ours, whatever action and model it names."""
    names = {name for files in (*WAYS.values(), _ALSO) for name in files.values()}
    return text is not None and _bare(text) in {_bare(template(name)) for name in names}


def _bare(text: str) -> str:
    return _ASKED.sub(rf"\g<1>{_MODEL}", _USES.sub(rf"\g<1>{_PLACEHOLDER}", text.replace("\r\n", "\n")))


def _advice(options: Namespace) -> Iterator[str]:
    yield "commit them to the default branch; docs/github-action.md says what each permission is for"
    if options.split_model:
        yield "the model's key is read from the secret OPENAI_API_KEY of the repository"
    if options.way == "branches" and not options.split_model:
        yield "pull requests from forks are left out; --forks or --target review them too"
