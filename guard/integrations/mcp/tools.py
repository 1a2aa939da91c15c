"""The tools. Each checks what it was given, does its work in a worker thread, and answers with data and the same as text."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getdoc
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from guard.integrations.explained import subject
from guard.integrations.git import Kind, Selected, Selection
from guard.integrations.mcp.answers import Explanation, ReviewAnswer, RulesAnswer, explanation, rules_answer
from guard.integrations.mcp.reviewing import Terms, opened_file, opened_patch, opened_selection, reviewed
from guard.integrations.mcp.working import Progress, in_worker

Directory = Annotated[
    str, Field(description="A folder below an allowed root, relative or absolute. Default: the first allowed root.")
]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before. Leave it out for the first page.")]
Paths = Annotated[list[str], Field(description="Only files at or below these paths, relative to the directory.")]

What = Literal["worktree", "staged", "range", "base", "commit"]


class Tools:
    """The tools of one server, under the terms that it was started with."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def register(self, server: MCPServer[Any]) -> None:
        """Make the tools known, in an order that does not change."""
        hints = ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=bool(self._terms.model)
        )
        closed = hints.model_copy(update={"open_world_hint": False})
        for tool, title, told in (
            (self.review_changes, "Review changes in the repository", hints),
            (self.review_diff, "Review a diff", hints),
            (self.scan_file, "Review a whole file", hints),
            (self.explain_rule, "Explain a rule or check", closed),
            (self.list_rules, "List rules", closed),
        ):
            server.add_tool(tool, title=title, description=getdoc(tool), annotations=told, structured_output=True)

    async def review_changes(
        self,
        context: Context[Any, Any],
        what: Annotated[
            What,
            Field(
                description="worktree: everything since HEAD, new files too; staged: what would be committed; "
                "range, base, commit: what `revision` names."
            ),
        ] = "worktree",
        revision: Annotated[
            str, Field(description="range: A..B or A...B; base: the branch to compare HEAD with; commit: a commit. Else empty.")
        ] = "",
        paths: Paths = [],  # noqa: B006 - never changed; a schema shows it as an empty list
        directory: Directory = "",
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, ReviewAnswer]:
        """Review changes in a git repository for state that is lost on a restart or a second instance. Call it before you finish or commit.

        It finds login sessions, carts or chat histories in process memory, sticky sessions, uploads and databases on local disk, and
        memory as the only copy of job states, counters or locks, and says what to write instead.
        """
        kind = Kind(what)
        if (kind in (Kind.RANGE, Kind.BASE, Kind.COMMIT)) != bool(revision):
            raise ToolError(f"what={what!r} {'does not go with a' if revision else 'needs a'} revision")
        selection = Selection(kind, revision, tuple(paths))
        return await self._review(lambda: opened_selection(selection, directory, self._terms), context, cursor)

    async def review_diff(
        self,
        context: Context[Any, Any],
        patch: Annotated[
            str, Field(description="A unified diff (git diff), applied or not. Leave it empty to give a range.")
        ] = "",
        range: Annotated[str, Field(description="Instead of a patch: A..B or A...B of the repository.")] = "",  # noqa: A002 - the word of git and of our command line
        directory: Directory = "",
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, ReviewAnswer]:
        """Review a diff before it is applied: a patch text, or a range of commits. Reports state that does not survive a restart."""
        if bool(patch.strip()) == bool(range):
            raise ToolError("give either a patch or a range")
        if range:
            selection = Selection(Kind.RANGE, range)
            return await self._review(lambda: opened_selection(selection, directory, self._terms), context, cursor)
        return await self._review(lambda: opened_patch(patch, directory, self._terms), context, cursor)

    async def scan_file(
        self,
        context: Context[Any, Any],
        path: Annotated[str, Field(description="A file below an allowed root, relative or absolute.")],
        content: Annotated[
            str | None,
            Field(description="Review this text as the file's content, before it is written. Leave it out to read the file."),
        ] = None,
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, ReviewAnswer]:
        """Review a whole file as if every line were new: what stands in it, or what you are about to write."""
        return await self._review(lambda: opened_file(path, content, self._terms), context, cursor)

    async def explain_rule(
        self,
        context: Context[Any, Any],
        name: Annotated[
            str,
            Field(description="A rule's id as findings name it, or session-store, sticky-session, local-disk, memory-cache."),
        ],
    ) -> Annotated[CallToolResult, Explanation]:
        """What a rule or a check means, why it hurts, what to write instead, with examples, and how to keep a finding with a reason."""
        return _result(await in_worker(lambda _progress: explanation(subject(name)), context))

    async def list_rules(
        self,
        context: Context[Any, Any],
        words: Annotated[str, Field(description="Only rules with each of these words, such as 'flask session-store'.")] = "",
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, RulesAnswer]:
        """The rules that can be reported, by id."""
        return _result(await in_worker(lambda _progress: rules_answer(words, cursor), context))

    async def _review(self, opened: Callable[[], Selected], context: Context[Any, Any], cursor: str | None) -> CallToolResult:
        def work(progress: Progress) -> ReviewAnswer:
            with opened() as selected:
                progress.expect(len(selected.change.files))
                return reviewed(selected, self._terms, cursor, progress)

        return _result(await in_worker(work, context))


def _result(answer: BaseModel) -> CallToolResult:
    """An answer as data, and the same as text for clients that know no data."""
    text = answer.model_dump_json()
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer.model_dump(mode="json"))
