"""Write the files that set a project up. Says what it wrote; running it again changes nothing; --remove takes out what it wrote."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

HELP = "write (or --remove) a configuration, a commit hook, a workflow, an agent's hook"


def arguments(parser: ArgumentParser) -> None:
    """What to write."""
    from guard.cli.starters import starter, starter_names

    what = parser.add_subparsers(prog=parser.prog, dest="what", metavar="WHAT", required=True)
    for name in starter_names():
        module = starter(name)
        one = what.add_parser(name, help=module.HELP, description=module.__doc__)
        one.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
        one.add_argument("--remove", action="store_true", help="take out exactly what this command writes")
        module.arguments(one)


def run(options: Namespace) -> int:
    """Show the change and make it, or say that there is none to make."""
    from guard.cli.starters import Project, starter
    from guard.cli.starters._writing import carry_out

    project = Project(_root(options.directory))
    module = starter(options.what)
    plan = module.removal(project, options) if options.remove else module.plan(project, options)
    return carry_out(plan, project, dry_run=options.dry_run)


def _root(directory: str) -> str:
    from guard.errors import SourceError, UsageError
    from guard.integrations.git import Git

    try:
        has_tree, root, _ = Git(directory).facts
    except SourceError:
        if os.path.isdir(directory):
            return directory
        raise
    if not has_tree:
        raise UsageError(f"{directory}: a bare repository has no files to write")
    return root
