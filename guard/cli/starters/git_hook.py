"""A hook of git's own, in this clone: it stops a commit (or a push) that adds state which does not survive.

It goes where git looks for hooks (core.hooksPath, the repository of a worktree), beside what is in the script already.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from argparse import ArgumentParser, Namespace

from guard.cli.starters import Plan, Project
from guard.cli.starters._marked import NAME, stage_option, stages_asked
from guard.cli.starters._scripts import scripts_plan, scripts_removal
from guard.errors import UsageError

HELP = "git's own pre-commit (or pre-push) hook in this clone"
_HUSKY = os.path.join(".husky", "_")


def arguments(parser: ArgumentParser) -> None:
    """The stages, and whether hooks of other repositories may be touched."""
    stage_option(parser)
    parser.add_argument(
        "--shared", action="store_true", help="even where core.hooksPath names a folder outside of this repository"
    )


def plan(project: Project, options: Namespace) -> Plan:
    """The block in each script."""
    folder, git_folder = _folders(project)
    inside = (os.path.realpath(place) + os.sep for place in (project.root, git_folder))
    if not options.shared and not f"{os.path.realpath(project.full(folder))}/".startswith(tuple(inside)):
        raise UsageError(
            f"core.hooksPath names {folder}, whose hooks run in other repositories too; --shared writes there all the same"
        )

    def command_for(path: str) -> str:
        own = os.path.realpath(path).startswith(os.path.realpath(git_folder) + os.sep)
        return _command() if own else NAME

    return scripts_plan(project, "git-hook", folder, stages_asked(options), command_for)


def removal(project: Project, options: Namespace) -> Plan:
    """The blocks taken out."""
    del options
    return scripts_removal(project, _folders(project)[0])


def _folders(project: Project) -> tuple[str, str]:
    """Where git looks for hooks, and the repository's own folder."""
    from guard.integrations.git import Git

    git = Git(project.root)
    git.facts  # noqa: B018 - says in a sentence where there is no repository
    hooks, common = os.fsdecode(git.run("rev-parse", "--git-path", "hooks", "--git-common-dir")).split("\n")[:2]
    if hooks.endswith(_HUSKY):
        hooks = os.path.dirname(hooks)  # what is in .husky/_ is written anew by husky, and runs what is beside it
    return hooks, project.full(common)


def _command() -> str:
    """The command as this machine finds it: a hook of one clone may name a place."""
    beside = os.path.join(os.path.dirname(sys.executable), NAME)
    return NAME if shutil.which(NAME) or not os.path.exists(beside) else shlex.quote(beside)
