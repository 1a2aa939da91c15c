"""A block in `.husky/pre-commit` (or pre-push), which husky runs for everybody who works on the project."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from msgspec.structs import replace

from guard.cli.starters import Plan, Project
from guard.cli.starters._marked import stage_option, stages_asked
from guard.cli.starters._scripts import scripts_plan, scripts_removal

HELP = "a line in .husky/pre-commit (or pre-push)"
_FOLDER = ".husky"


def arguments(parser: ArgumentParser) -> None:
    """The stages."""
    stage_option(parser)


def plan(project: Project, options: Namespace) -> Plan:
    """The block in each script."""
    made = scripts_plan(project, "husky", _FOLDER, stages_asked(options))
    if os.path.isdir(project.full(os.path.join(_FOLDER, "_"))):
        return made
    return replace(made, notes=(*made.notes, "it runs once husky is set up in this clone: npx husky"))


def removal(project: Project, options: Namespace) -> Plan:
    """The blocks taken out."""
    del options
    return scripts_removal(project, _FOLDER)
