"""What can be read besides the tools: the pages of rules and checks, the texts of the atoms, and a prompt."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp_types import Completion, ResourceTemplateReference
from pydantic import Field

from guard.atoms.atom import Atom, Level
from guard.atoms.loader import load
from guard.checks import PAGES
from guard.errors import UsageError
from guard.integrations.explained import page, rules

_MOST_COMPLETIONS = 100


def register(server: MCPServer[Any]) -> None:
    """Make the resources and the prompt known."""
    for check, about in PAGES.items():
        _fixed(server, f"guard://rules/{check}", f"check-{check}", about.title, "text/plain", page, check.value)
    for atom in load().atoms.values():
        for level in Level:
            uri = f"guard://atoms/{atom.name}/{level}"
            _fixed(
                server,
                uri,
                f"{atom.name}-{level}",
                f"{atom.label} ({level})",
                "text/markdown",
                projection,
                atom.name,
                level.value,
            )
    server.resource(
        "guard://rules/{id}",
        name="rule",
        title="A rule or check",
        description="What it means, and what to write instead.",
        mime_type="text/plain",
    )(rule_page)
    server.resource(
        "guard://atoms/{atom}/{level}",
        name="atom",
        title="An atom's text",
        description="Levels: summary, core, full.",
        mime_type="text/markdown",
    )(projection)
    server.prompt(title="Write stateless code", description="The rule, and how to keep it while you write.")(
        write_stateless_code
    )
    server.completion()(_completed)  # type: ignore[no-untyped-call] # the SDK's own decorator has no types


def _fixed(server: MCPServer[Any], uri: str, name: str, title: str, mime: str, text_of: Any, *arguments: str) -> None:  # noqa: ANN401
    def read() -> str:
        return str(text_of(*arguments))

    server.resource(uri, name=name, title=title, mime_type=mime)(read)


def rule_page(id: str) -> str:  # noqa: A002 - the template's own name
    """The page of a rule or check."""
    try:
        return page(id)
    except UsageError as error:
        raise ResourceNotFoundError(str(error)) from error


def projection(atom: str, level: str) -> str:
    """An atom's text at a level."""
    known = load().atoms.values()
    found = next((entry for entry in known if atom in (entry.name, entry.id, entry.id.rsplit("/", 1)[-1])), None)
    if found is None or level not in list(Level):
        raise ResourceNotFoundError(
            f"no text {level!r} of an atom {atom!r}; there are {', '.join(entry.name for entry in known)} at {', '.join(Level)}"
        )
    return found.projections[level] + "\n"


def write_stateless_code(
    task: Annotated[str, Field(description="What is to be written; may be left out.")] = "",
) -> str:
    """The rule, and how to keep it while you write."""
    atom: Atom = next(iter(load().atoms.values()))
    instead = "\n".join(f"- {check}: {about.instead}" for check, about in PAGES.items())
    asked = f"\n\nThe task:\n{task}" if task.strip() else ""
    return (
        f"{atom.projections[Level.CORE.value]}\n\n## What to write instead\n{instead}\n\n"
        "Write code that keeps this rule. Before you finish, call review_changes, mend what it reports, and call it again. "
        f"Where state may stay for a true reason, say it in a comment: guard: ignore[RULE] REASON{asked}"
    )


async def _completed(reference: Any, argument: Any, _context: Any) -> Completion | None:  # noqa: ANN401 - the SDK passes one of several models
    if not isinstance(reference, ResourceTemplateReference) or argument.name != "id":
        return None
    names = [name for name in (*map(str, PAGES), *map(str, rules())) if name.startswith(argument.value)]
    return Completion(values=names[:_MOST_COMPLETIONS], total=len(names), has_more=len(names) > _MOST_COMPLETIONS)
