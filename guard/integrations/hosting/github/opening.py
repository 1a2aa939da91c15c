"""A pull request's change, out of the checkout where that holds it, else by the API."""

from __future__ import annotations

import os
from functools import cache

from guard.config import Configuration
from guard.conversation.values import Conversation
from guard.errors import SourceError
from guard.integrations.git import Selected
from guard.integrations.hosting import Opened
from guard.integrations.hosting.github.change import Sides, merge_base, read_change
from guard.integrations.hosting.github.checkout import change_in_checkout
from guard.integrations.hosting.github.host import GitHubPullRequest
from guard.integrations.hosting.github.source import ApiSource, Tip
from guard.integrations.hosting.github.texts import Texts

AUTO, GIT, API = "auto", "git", "api"


def open_pull_request(pull: GitHubPullRequest, conversation: Conversation, way: str, directory: str) -> Opened:
    """The change of a pull request, `way` being auto, git or api. Raises SourceError where git is wanted and does not hold it."""
    base, head = conversation.pull.base, conversation.pull.head

    @cache
    def start() -> str:
        return merge_base(pull.client, pull.where, base, head)

    found = None if way == API else change_in_checkout(directory, base, head, start)
    if found is not None:
        return Opened(*found)
    if way == GIT:
        raise SourceError(
            f"{os.path.abspath(directory)}: does not hold the pull request's head {head[:12]}, its base {base[:12]} and where they"
            " part; check out with fetch-depth: 0, or use --from api"
        )
    return _by_api(pull, Sides(start(), head), base)


def _by_api(pull: GitHubPullRequest, sides: Sides, tip: str) -> Opened:
    texts = Texts(pull.client, pull.where)
    read = read_change(pull.client, pull.where, sides, texts, pull.changed_files)
    change = read.change
    source = ApiSource(change, sides, texts)
    source.fetch_surroundings(tip)

    def prepare(configuration: Configuration) -> None:
        texts.max_file_size = configuration.root.max_file_size
        source.fetch_new_side(configuration.excludes)

    selected, base = Selected(change, source, ""), Selected(change, Tip(tip, texts), "")
    return Opened(selected, base, read.failures, read.unshown, prepare)
