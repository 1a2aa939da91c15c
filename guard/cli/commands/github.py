"""Review a pull request on GitHub and say so there: comments on its lines, one summary, a check."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from guard.cli.options import asking_a_model, positive

if TYPE_CHECKING:
    from guard.integrations.hosting.github.client import Client
    from guard.integrations.hosting.github.environment import Task

HELP = "review a pull request on GitHub and comment there"


def arguments(parser: ArgumentParser) -> None:
    """What to do on GitHub."""
    from guard.cli.parser import global_options

    what = parser.add_subparsers(prog=parser.prog, dest="what", metavar="WHAT", required=True)
    review = what.add_parser(
        "review", help="review one pull request, named or out of an action's environment", description=__doc__
    )
    global_options(review, top=False)
    which = review.add_argument_group("which pull request (default: what GITHUB_REPOSITORY and GITHUB_EVENT_PATH say)")
    which.add_argument("--repo", metavar="OWNER/NAME", default="", help="its repository")
    which.add_argument("--pr", metavar="N", type=positive, default=0, help="its number")
    which.add_argument("--api-url", metavar="URL", default="", help="the API's address (default: GITHUB_API_URL)")
    which.add_argument(
        "--from",
        dest="way",
        choices=("auto", "git", "api"),
        default="auto",
        help="where its change comes from (auto: the checkout here if it holds it, else the API)",
    )
    which.add_argument(
        "--report", metavar="FILE", default="", help="post this JSON report, which is not trusted, instead of reviewing"
    )
    _how_to_report(review)
    asking_a_model(review)


def _how_to_report(parser: ArgumentParser) -> None:
    how = parser.add_argument_group("what to report, and how")
    how.add_argument("--dry-run", action="store_true", help="print what would be posted; write nothing")
    how.add_argument(
        "--status",
        choices=("auto", "check", "exit"),
        default="auto",
        help="what carries the verdict (auto: a check run, or the exit status where the token can write none)",
    )
    how.add_argument("--select", action="append", metavar="RULE|CHECK", help="only these (repeat, or separate by commas)")
    how.add_argument("--ignore", action="append", metavar="RULE|CHECK", help="not these")
    how.add_argument(
        "--fail-on", choices=("error", "warning", "note", "never"), help="fail from this severity on (default: error)"
    )
    how.add_argument(
        "--format", action="append", metavar="FORMAT", help="a report beside the comments: text (default), json, sarif, …"
    )
    how.add_argument("--output", action="append", metavar="FILE", help="where the format at the same place goes")
    parser.set_defaults(statistics=False)


def run(options: Namespace) -> int:
    """Do what the environment or the options ask for."""
    from guard.integrations.hosting.github.client import Client
    from guard.integrations.hosting.github.environment import Wish, server_of, task_of
    from guard.integrations.hosting.github.patience import Patience

    task = task_of(os.environ, options.repo, options.pr)
    if task.wish is Wish.NOTHING:
        return _nothing(options, task.why)
    server = server_of(os.environ, options.api_url)
    patience = Patience(time.monotonic, time.time, time.sleep, say=lambda sentence: _say(options, sentence))
    client = Client(server.token, server.api_url, server.graphql_url, patience=patience)
    try:
        return run_task(client, task, options)
    finally:
        client.close()


def run_task(client: Client, task: Task, options: Namespace) -> int:
    """Do what is due on a pull request; gives the exit status."""
    from guard.cli.pull_requests import Place, answer_commands, review_pull_request
    from guard.conversation.escape import prose
    from guard.errors import HostError
    from guard.integrations.hosting.github.conversation import Coordinates
    from guard.integrations.hosting.github.environment import Wish
    from guard.integrations.hosting.github.host import GitHubPullRequest, found_number
    from guard.integrations.hosting.github.opening import API, open_pull_request
    from guard.integrations.hosting.github.runner import StepSummary, write_outputs
    from guard.integrations.hosting.wishes import Due, due

    number = task.number or found_number(client, task)
    if not number:
        return _nothing(options, f"no open pull request has the head {task.head[:12]}: it moved on, or was closed")
    owner, _, name = task.repository.partition("/")
    pull = GitHubPullRequest(client, Coordinates(owner, name, number))
    write_summary = StepSummary(os.environ.get("GITHUB_STEP_SUMMARY", "")).write
    try:
        conversation = pull.conversation()
    except HostError as error:
        write_summary(f"**stateless-guard: not reviewed**, {prose(str(error))}")
        write_outputs(os.environ.get("GITHUB_OUTPUT", ""), {"conclusion": "action_required", "incomplete": "true"})
        raise
    if task.head and conversation.pull.head != task.head:
        return _nothing(options, f"the head {task.head[:12]} is not the newest any more; the run for the newer one reports")
    place = Place(
        host=pull,
        open_change=lambda now: open_pull_request(pull, now, API if options.report else options.way, options.directory),
        links=pull.link,
        write_summary=write_summary,
        write_outputs=lambda outputs: write_outputs(os.environ.get("GITHUB_OUTPUT", ""), outputs),
    )
    match due(conversation, task.remark if task.wish is Wish.COMMAND else None):
        case Due.REVIEW:
            return review_pull_request(place, conversation, options)
        case Due.ANSWERS:
            return answer_commands(place, conversation, options)
        case Due.NOTHING:
            return _nothing(
                options, "nothing is asked for: no command of somebody who may write, or the pull request is closed"
            )


def _nothing(options: Namespace, why: str) -> int:
    _say(options, why)
    return 0


def _say(options: Namespace, sentence: str) -> None:
    from guard.cli.pull_requests import say

    say(options, sentence)
