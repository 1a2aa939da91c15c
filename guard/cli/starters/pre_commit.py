"""An entry in `.pre-commit-config.yaml` that reviews what is staged. It says `stateless-guard`: another tool is called guard too."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from guard.cli.starters import Edit, Plan, Project
from guard.errors import UsageError

HELP = "an entry in .pre-commit-config.yaml that reviews what is staged"
PRE_COMMIT_FILE = ".pre-commit-config.yaml"

_HOOK = """\
- repo: local
  hooks:
    - id: stateless-guard
      name: stateless-guard
      entry: stateless-guard review --staged --no-model
      language: python
      additional_dependencies: [stateless-guard]
      pass_filenames: false
      require_serial: true
"""


def arguments(parser: ArgumentParser) -> None:
    """None of its own."""
    del parser


def plan(project: Project, options: Namespace) -> Plan:
    """The entry, at the end of the list of repositories."""
    del options
    text = project.read(PRE_COMMIT_FILE)
    changed = with_hook(text)
    if changed == text:
        return Plan(notes=(f"{PRE_COMMIT_FILE} runs stateless-guard already; nothing written",))
    note = "it runs once 'pre-commit install' was called in this clone"
    return Plan((Edit(PRE_COMMIT_FILE, text, changed),), (note,))


def removal(project: Project, options: Namespace) -> Plan:
    """The entry as it was written goes; the file with it, if nothing else is in it."""
    del options
    text = project.read(PRE_COMMIT_FILE)
    if text is None or not _runs_it(_entries(text)):
        return Plan(notes=(f"{PRE_COMMIT_FILE} does not run stateless-guard; nothing removed",))
    kept = without_hook(text)
    return Plan((Edit(PRE_COMMIT_FILE, text, kept if kept.strip() not in ("", "repos:") else None),))


def with_hook(text: str | None) -> str:
    """A .pre-commit-config.yaml that runs the guard. The rest of the file stays as it is."""
    before = _entries(text or "")
    if _runs_it(before):
        return text or ""
    if not (text or "").strip():
        return "repos:\n" + _indented(_HOOK, "  ")
    changed = _inserted(text or "", _HOOK)
    if _entries(changed)[:-1] != before:
        raise UsageError(f"{PRE_COMMIT_FILE}: its form is unusual; add this by hand under 'repos':\n{_HOOK}")
    return changed


def without_hook(text: str) -> str:
    """The file without the entry that `with_hook` adds, however it is indented."""
    for indent in ("  ", "", *sorted(set(re.findall(r"^( +)- ", text, re.MULTILINE)))):
        head, found, rest = text.partition(_indented(_HOOK, indent))
        if found and (not head or head.endswith("\n")):
            return head + rest
    raise UsageError(f"{PRE_COMMIT_FILE}: the entry was edited since it was written; take it out by hand")


def _runs_it(repos: list[Mapping[str, object]]) -> bool:
    return any(hook.get("id") == "stateless-guard" for repo in repos for hook in _maps(repo.get("hooks")))


def _entries(text: str) -> list[Mapping[str, object]]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{PRE_COMMIT_FILE}: not valid YAML: {' '.join(str(error).split())}") from None
    if document is not None and not isinstance(document, Mapping):
        raise UsageError(f"{PRE_COMMIT_FILE}: not a mapping with 'repos'")
    return _maps((document or {}).get("repos"))


def _maps(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _inserted(text: str, hook: str) -> str:
    """The text with one more item at the end of the list under `repos`, indented as the others are."""
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    start = next((index for index, line in enumerate(lines) if re.match(r"repos\s*:", line)), None)
    if start is None:
        return "".join(lines) + "repos:\n" + _indented(hook, "  ")
    if re.match(r"repos\s*:\s*\[\s*\]", lines[start]):
        lines[start] = "repos:\n"
    end = next((index for index in range(start + 1, len(lines)) if re.match(r"[^\s#-]", lines[index])), len(lines))
    item = next((match[1] for line in lines[start + 1 : end] if (match := re.match(r"( *)- ", line))), "  ")
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return "".join([*lines[:end], _indented(hook, item), *lines[end:]])


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}" for line in text.splitlines(keepends=True))
