"""One pull request on GitHub, as `guard.integrations.hosting.Host` wants it, with what else is known of it."""

from __future__ import annotations

import urllib.parse

from guard.conversation import speakers
from guard.conversation.values import Action, Conversation, Outcome
from guard.integrations.hosting.github.client import Client, RefusedError
from guard.integrations.hosting.github.conversation import Coordinates, Permissions, Read, read_conversation, with_writers
from guard.integrations.hosting.github.environment import Task
from guard.integrations.hosting.github.writing import Writer


class GitHubPullRequest:
    """A pull request that is read and written with one client."""

    def __init__(self, client: Client, where: Coordinates) -> None:
        self.client = client
        self.where = where
        self._permissions = Permissions(client, where.owner, where.name)
        self._writer = Writer(client, where)
        self._last: Read | None = None

    def conversation(self) -> Conversation:
        """What stands there now, with who may write of those whose words matter."""
        self._last = read_conversation(self.client, self.where)
        conversation = self._last.conversation
        return with_writers(conversation, speakers(conversation), self._permissions)

    @property
    def changed_files(self) -> int:
        """How many files it changes, by the last reading."""
        return self._last.changed_files if self._last else 0

    def head(self) -> str:
        """The newest head."""
        path = "/repos/{owner}/{repo}/pulls/{number}"
        answer = self.client.get(path, owner=self.where.owner, repo=self.where.name, number=self.where.number)
        return str(answer["head"]["sha"])

    def perform(self, action: Action) -> Outcome:
        """Do one thing."""
        return self._writer.perform(action)

    def link(self, path: str, line: int, end_line: int) -> str:
        """The page that shows lines of a file at the head."""
        if self._last is None or not self._last.url:
            return ""
        head = self._last.conversation.pull.head
        place = urllib.parse.quote(path.encode("utf-8", "surrogateescape"))
        lines = f"#L{line}" + (f"-L{end_line}" if end_line > line else "") if line else ""
        return f"{self._last.url}/blob/{head}/{place}{lines}"


def found_number(client: Client, task: Task) -> int:
    """The number of the open pull request whose head a run of a workflow was for, 0 where it has moved on or was closed.

    It is asked of GitHub by branch and head: neither the payload, which lacks forks, nor anything the run made is believed.
    """
    owner, _, name = task.repository.partition("/")
    questions = [("/repos/{owner}/{repo}/commits/{sha}/pulls", {"sha": task.head})]
    if task.branch:
        questions.insert(0, ("/repos/{owner}/{repo}/pulls?state=open{&head}", {"head": task.branch}))
    for path, variables in questions:
        try:
            for pull in client.pages(path, owner=owner, repo=name, **variables):
                if pull.get("state") == "open" and (pull.get("head") or {}).get("sha") == task.head:
                    return int(pull["number"])
        except RefusedError as error:
            if error.status not in (404, 422):
                raise
    return 0
