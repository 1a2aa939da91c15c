"""What `init` does alike for every coding agent: hooks in the agent's settings file, and on request the rule in its instructions.

The command line that is installed never changes: agents that trust a hook by its hash skip a changed one without a word.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from msgspec import Struct

from guard.cli.starters import Edit, Plan, Project
from guard.cli.starters._json_text import Node, parsed, with_item, without
from guard.errors import UsageError

SECONDS = 30
"""Before the agent gives up on a hook; the hook gives up earlier by itself."""
_COMMAND = "stateless-guard hook "
_BEGIN, _END = "<!-- stateless-guard: begin -->", "<!-- stateless-guard: end -->"


class Agent(Struct, frozen=True):
    """Where an agent's hooks stand, and what is added there: an event and an item of its list, the edit hook only by choice."""

    name: str
    file: str
    hooks: tuple[tuple[str, dict[str, object]], ...]
    edits: tuple[str, dict[str, object]]
    instructions: str
    version: int | None = None
    note: str = ""

    def wanted(self, *, edits: bool) -> tuple[tuple[str, dict[str, object]], ...]:
        """The hooks to install."""
        return (*self.hooks, self.edits) if edits else self.hooks


def arguments(parser: ArgumentParser) -> None:
    """What to install beyond the hooks for commits and the end of a turn."""
    parser.add_argument(
        "--edits", action="store_true", help="also say what is wrong right after each edit (informs, never blocks)"
    )
    parser.add_argument(
        "--instructions", action="store_true", help="also write the rule into the file that the agent reads before it starts"
    )


def plan(agent: Agent, project: Project, options: Namespace) -> Plan:
    """The hooks that are not there yet, and the rule."""
    before = project.read(agent.file)
    after = with_hooks(before, agent, edits=options.edits)
    edits = [Edit(agent.file, before, after)] if after != before else []
    if options.instructions:
        text = project.read(agent.instructions)
        told = with_rule(text)
        edits += [Edit(agent.instructions, text, told)] if told != text else []
    if not edits:
        return Plan(notes=(f"{agent.file} runs stateless-guard already; nothing written",))
    return Plan(tuple(edits), tuple(note for note in (agent.note, _not_found()) if note))


def _not_found() -> str:
    """What to do where the installed line would find no command; agents pass then, without a word."""
    import shutil

    found = shutil.which(_COMMAND.split(" ", 1)[0])
    return (
        ""
        if found
        else "stateless-guard is not on the PATH: until it is ('pipx install stateless-guard'), the hooks do nothing"
    )


def removal(agent: Agent, project: Project) -> Plan:
    """What takes out every hook of ours and the rule; a file that holds nothing else goes with it."""
    edits: list[Edit] = []
    before = project.read(agent.file)
    if before is not None and (after := without_hooks(before, agent)) != before:
        edits.append(Edit(agent.file, before, after))
    text = project.read(agent.instructions)
    if text is not None and (untold := without_rule(text)) != text:
        edits.append(Edit(agent.instructions, text, untold or None))
    return Plan(tuple(edits)) if edits else Plan(notes=(f"{agent.file} does not run stateless-guard; nothing removed",))


# -- hooks ------------------------------------------------------------------------------------------------------------


def with_hooks(text: str | None, agent: Agent, *, edits: bool) -> str:
    """A settings file that runs the guard. What else it holds stays as it is, byte for byte."""
    current = text if text is not None and text.strip() else _empty(agent)
    for event, item in agent.wanted(edits=edits):
        here = _items(parsed(current, agent.file), event)
        if not any(_is_ours(node.value) and _matcher(node.value) == item.get("matcher") for node in here):
            current = with_item(current, agent.file, ("hooks", event), item)
    parsed(current, agent.file)
    return current


def _empty(agent: Agent) -> str:
    return "{}\n" if agent.version is None else f'{{\n  "version": {agent.version}\n}}\n'


def without_hooks(text: str, agent: Agent) -> str | None:
    """The settings file without our hooks and without the lists that they leave empty; None if nothing else is in it."""
    current = text
    while (found := _ours(parsed(current, agent.file))) is not None:
        path, node = found
        parent = path[-1]
        while len(parent.children) == 1 and len(path) > 1:
            node, path = parent, path[:-1]
            parent = path[-1]
        current = without(current, node, parent)
    left = parsed(current, agent.file).value
    alone = current != text and left in ({}, {"version": agent.version}) and not _has_comments(current)
    return None if alone else current


def _has_comments(text: str) -> bool:
    return "//" in text or "/*" in text


def _items(root: Node, event: str) -> list[Node]:
    hooks = root.child("hooks")
    entries = hooks.child(event) if hooks is not None else None
    return entries.children if entries is not None and isinstance(entries.value, list) else []


def _ours(root: Node) -> tuple[list[Node], Node] | None:
    """The first item of ours, with what is around it from the root on."""
    hooks = root.child("hooks")
    for entries in hooks.children if hooks is not None else []:
        for node in entries.children if isinstance(entries.value, list) else []:
            if hooks is not None and _is_ours(node.value):
                return [root, hooks, entries], node
    return None


def _is_ours(item: object) -> bool:
    """Whether an item runs nothing but the guard's hook."""
    commands = list(_commands(item))
    return bool(commands) and all(command.startswith(_COMMAND) for command in commands)


def _commands(item: object) -> Iterator[str]:
    if isinstance(item, dict):
        yield from (item[key] for key in ("command", "bash") if isinstance(item.get(key), str))
        inner = item.get("hooks")
        for entry in inner if isinstance(inner, list) else []:
            yield from _commands(entry)


def _matcher(item: object) -> object:
    return item.get("matcher") if isinstance(item, dict) else None


# -- the rule, told before anything is written ------------------------------------------------------------------------


def with_rule(text: str | None) -> str:
    """Instructions that tell the rule, between two marks."""
    block = _block()
    current = text or ""
    if _BEGIN in current:
        head, _, rest = current.partition(_BEGIN)
        _, closed, tail = rest.partition(_END)
        if not closed:
            raise UsageError(f"the mark {_END!r} is missing after {_BEGIN!r}; take both out by hand")
        return f"{head}{block}{tail}"
    if not current:
        return f"{block}\n"
    return f"{current}\n{block}\n" if current.endswith("\n") else f"{current}\n\n{block}"


def without_rule(text: str) -> str:
    """The instructions as they were before."""
    head, begun, rest = text.partition(_BEGIN)
    _, closed, tail = rest.partition(_END)
    if not (begun and closed):
        return text
    if tail.startswith("\n"):
        return head.removesuffix("\n") + tail.removeprefix("\n")
    return head.removesuffix("\n\n") + tail


def _block() -> str:
    from guard.atoms import STATELESS_PROCESSES
    from guard.atoms.atom import Level
    from guard.atoms.loader import load_atom

    rule = load_atom(STATELESS_PROCESSES).projections[Level.CORE.value]
    return f"{_BEGIN}\n{rule.strip()}\n{_END}"
