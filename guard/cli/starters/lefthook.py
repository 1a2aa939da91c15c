"""A command in `lefthook.yml` (https://lefthook.dev), under its pre-commit (or pre-push) hook."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from guard.cli.starters import Edit, Plan, Project
from guard.cli.starters._marked import NAME, block, blocks_in, hook_command, stage_option, stages_asked, without_blocks
from guard.errors import UsageError

HELP = "a command in lefthook.yml for its pre-commit (or pre-push) hook"
_NAMES = tuple(f"{name}{end}" for end in (".yml", ".yaml") for name in ("lefthook", ".lefthook", ".config/lefthook"))
_OTHERS = tuple(
    f"{name}{end}" for end in (".toml", ".json", ".jsonc") for name in ("lefthook", ".lefthook", ".config/lefthook")
)
_EMPTY: tuple[object, ...] = ({}, [], None)
_KEY = re.compile(r"[\w\"'-]+\s*:")


def arguments(parser: ArgumentParser) -> None:
    """The stages."""
    stage_option(parser)


def plan(project: Project, options: Namespace) -> Plan:
    """The command in each stage's list of jobs or commands, before the others."""
    path = _file(project)
    text = project.read(path)
    changed = text or ""
    for stage in stages_asked(options):
        changed = with_hook(changed, stage, path)
    if changed == text:
        return Plan(notes=(f"{path} runs stateless-guard already; nothing written",))
    note = "it runs once 'lefthook install' was called in this clone, where stateless-guard is installed"
    return Plan((Edit(path, text, changed),), (note,))


def removal(project: Project, options: Namespace) -> Plan:
    """The commands go; the file with them, if nothing else is in it."""
    del options
    path = _file(project)
    text = project.read(path)
    if text is None or not blocks_in(text):
        return Plan(notes=(f"{path} has nothing that this command wrote; nothing removed",))
    kept = without_blocks(text)
    if _others(_document(kept, path)) != _others(_document(text, path)):
        raise UsageError(f"{path}: something else stands on what this command wrote; take it out by hand")
    return Plan((Edit(path, text, kept if kept.strip() else None),))


def _others(document: Mapping[str, object]) -> dict[str, object]:
    """What a lefthook.yml has beside our commands, without lists that hold nothing else."""
    return {key: rest for key, value in document.items() if (rest := _without_ours(value))}


def _without_ours(value: object) -> object:
    if isinstance(value, Mapping):
        kept = {key: rest for key, item in value.items() if key != NAME and (rest := _without_ours(item)) not in _EMPTY}
        return {} if value.get("name") == NAME else kept
    if isinstance(value, list):
        return [rest for item in value if (rest := _without_ours(item)) not in _EMPTY]
    return value


def _file(project: Project) -> str:
    """The file that lefthook reads, or would."""
    found = next((name for name in (*_NAMES, *_OTHERS) if os.path.isfile(project.full(name))), _NAMES[0])
    if found in _OTHERS:
        raise UsageError(f"{found}: only YAML is written; add this by hand: a command that runs '{hook_command('pre-commit')}'")
    return found


def with_hook(text: str, stage: str, path: str = _NAMES[0]) -> str:
    """A lefthook.yml that runs the guard at this stage. The rest of the file stays as it is."""
    before = _document(text, path)
    hook = before.get(stage)
    if f"--hook {stage}" in str(hook):
        return text
    command: dict[str, object] = {"run": hook_command(stage), **({"use_stdin": True} if stage == "pre-push" else {})}
    changed, expected = _changed(text, stage, hook, command)
    if expected is None or not _says(changed, {**before, stage: expected}):
        told = f"{stage}:\n{_as_text('  commands:', 2)}{_item(command, 4)}"
        raise UsageError(f"{path}: its form is unusual; add this by hand:\n{told}")
    return changed


def _says(text: str, expected: Mapping[str, object]) -> bool:
    """Whether a text that was put together is what it should be: in a form that is not known here it may be no YAML at all."""
    try:
        return _document(text, "") == expected
    except UsageError:
        return False


def _changed(text: str, stage: str, hook: object, command: dict[str, object]) -> tuple[str, object]:
    """The text with one more command, and what the stage should then say; None where it can not be said."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    start = _line_of(lines, 0, stage, "")
    if hook is None and start is None:
        whole = f"{stage}:\n  commands:\n{_item(command, 4)}"
        return "".join(lines) + block("lefthook", whole), {"commands": {NAME: command}}
    if start is None or not isinstance(hook, Mapping) or not hook:
        return text, None
    inner = _indent_after(lines, start)
    kind = "jobs" if "jobs" in hook else "commands"
    at = _line_of(lines, start + 1, kind, inner)
    if kind not in hook:
        made = block("lefthook", f"commands:\n{_item(command, 2)}", inner)
        return _with(lines, start, made), {**hook, "commands": {NAME: command}}
    if at is None:
        return text, None
    item = _indent_after(lines, at) if hook[kind] else f"{inner}  "
    if kind == "jobs":
        made = block("lefthook", _as_job(command), item)
        return _with(lines, at, made), {**hook, "jobs": [{"name": NAME, **command}, *(hook["jobs"] or ())]}
    made = block("lefthook", _item(command, 0), item)
    return _with(lines, at, made), {**hook, "commands": {**(hook["commands"] or {}), NAME: command}}


def _line_of(lines: list[str], start: int, key: str, indent: str) -> int | None:
    """The line of a key at this indent, before anything that is further out."""
    pattern = re.compile(rf"{indent}[\"']?{re.escape(key)}[\"']?\s*:\s*(?:#.*)?$")
    for index in range(start, len(lines)):
        if pattern.match(lines[index]):
            return index
        if indent and _KEY.match(lines[index]):
            return None
    return None


def _indent_after(lines: list[str], index: int) -> str:
    """How far the first line below is indented."""
    return next((match[1] for line in lines[index + 1 :] if (match := re.match(r"( *)[^\s#]", line))), "")


def _with(lines: list[str], index: int, made: str) -> str:
    return "".join([*lines[: index + 1], made, *lines[index + 1 :]])


def _item(command: dict[str, object], depth: int) -> str:
    return _as_text(f"{NAME}:", depth) + "".join(_as_text(f"  {line}", depth) for line in _settings(command))


def _as_job(command: dict[str, object]) -> str:
    return f"- name: {NAME}\n" + "".join(_as_text(line, 2) for line in _settings(command))


def _settings(command: dict[str, object]) -> list[str]:
    return [f"{key}: {'true' if value is True else value}" for key, value in command.items()]


def _as_text(line: str, depth: int) -> str:
    return f"{' ' * depth}{line}\n"


def _document(text: str, path: str) -> dict[str, object]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if document is not None and not isinstance(document, Mapping):
        raise UsageError(f"{path}: not a mapping of hooks")
    return dict(document or {})
