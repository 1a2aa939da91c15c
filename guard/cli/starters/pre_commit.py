"""An entry in `.pre-commit-config.yaml` that reviews what is staged, or pushed. It says `stateless-guard`: another tool is called guard too."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from guard.cli.starters import Edit, Plan, Project
from guard.cli.starters._marked import (
    NAME,
    STAGES,
    block,
    blocks_in,
    hook_command,
    stage_option,
    stages_asked,
    without_blocks,
)
from guard.errors import UsageError

HELP = "an entry in .pre-commit-config.yaml that reviews what is staged (or pushed)"
PRE_COMMIT_FILE = ".pre-commit-config.yaml"

_IDS = {"pre-commit": "guard", "pre-push": "guard-push"}
_STAGES = {"pre-commit": "pre-commit, pre-merge-commit, manual", "pre-push": "pre-push"}
_HOOK = """\
    - id: {id}
      name: {name}
      entry: {command}
      {language}
      pass_filenames: false
      require_serial: true
      verbose: true  # shows warnings, and what could not be looked at
      stages: [{stages}]
"""


def arguments(parser: ArgumentParser) -> None:
    """The stages."""
    stage_option(parser)


def plan(project: Project, options: Namespace) -> Plan:
    """The entry, at the end of the list of repositories."""
    text = project.read(PRE_COMMIT_FILE)
    changed = with_hooks(text, stages_asked(options), _language())
    if changed == text:
        return Plan(notes=(f"{PRE_COMMIT_FILE} runs stateless-guard already; nothing written",))
    types = " ".join(f"--hook-type {stage}" for stage in stages_asked(options))
    return Plan(
        (Edit(PRE_COMMIT_FILE, text, changed),), (f"it runs once 'pre-commit install {types}' was called in this clone",)
    )


def removal(project: Project, options: Namespace) -> Plan:
    """The entry goes; the file with it, if nothing else is in it."""
    del options
    text = project.read(PRE_COMMIT_FILE)
    if text is None or not blocks_in(text):
        return Plan(notes=(f"{PRE_COMMIT_FILE} has nothing that this command wrote; nothing removed",))
    kept = _without_empty_list(without_blocks(text))
    return Plan((Edit(PRE_COMMIT_FILE, text, kept if kept.strip() else None),))


def _without_empty_list(text: str) -> str:
    """Without a `repos` that has nothing in it: pre-commit would refuse it."""
    return text if _entries(text) else re.sub(r"^repos:[ \t]*(?:\n|\Z)", "", text, flags=re.MULTILINE)


def with_hooks(text: str | None, stages: tuple[str, ...], language: str) -> str:
    """A .pre-commit-config.yaml that runs the guard at these stages too. The rest of the file stays as it is."""
    kept = without_blocks(text or "")
    before = _entries(kept)
    there, elsewhere = _ids(_entries(text or "")), _ids(before)
    if {_IDS[stage] for stage in stages} <= there:
        return text or ""
    entry = _entry(tuple(s for s in STAGES if _IDS[s] not in elsewhere and (s in stages or _IDS[s] in there)), language)
    if not kept.strip():
        return f"repos:\n{block('pre-commit', entry, '  ')}"
    changed = _inserted(kept, block("pre-commit", entry))
    if not _adds_one(changed, before):
        raise UsageError(f"{PRE_COMMIT_FILE}: its form is unusual; add this by hand under 'repos':\n{entry}")
    return changed


def _adds_one(text: str, before: list[Mapping[str, object]]) -> bool:
    """Whether a text that was put together has what was there, and one more: of a form that is not known here it may be no YAML at all."""
    try:
        return _entries(text)[:-1] == before
    except UsageError:
        return False


def _entry(stages: tuple[str, ...], language: str) -> str:
    hooks = (
        _HOOK.format(id=_IDS[stage], name=_name(stage), command=hook_command(stage), language=language, stages=_STAGES[stage])
        for stage in stages
    )
    return f"- repo: local\n  hooks:\n{''.join(hooks)}"


def _name(stage: str) -> str:
    return NAME if stage == "pre-commit" else f"{NAME} (push)"


def _language() -> str:
    """Whence the hook takes the command: from the package index, as this one was; from PATH where this one came from a folder."""
    from importlib.metadata import PackageNotFoundError, distribution

    from guard import __version__

    try:
        elsewhere = distribution(NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        elsewhere = ""
    if elsewhere is None:
        return f"language: python\n      additional_dependencies: [{NAME}=={__version__}]"
    return "language: system  # the command must be on PATH"


def _ids(repos: list[Mapping[str, object]]) -> set[object]:
    """The ids of our hooks, whichever repository they are taken from."""
    hooks = (hook for repo in repos for hook in _maps(repo.get("hooks")) if _is_ours(repo, hook))
    return {hook.get("id") for hook in hooks}


def _is_ours(repo: Mapping[str, object], hook: Mapping[str, object]) -> bool:
    return NAME in str(repo.get("repo")) or NAME in str(hook.get("entry"))


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
