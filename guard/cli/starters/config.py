"""A `.stateless-guard.toml` with every key and its default."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from guard.cli.starters import Edit, Plan, Project

HELP = "a .stateless-guard.toml with every key and its default"

CONFIG = """\
# Configuration of stateless-guard. The nearest such file above a path decides for it.
# Every key is optional; these are the defaults.

# Paths that are not reviewed, as in a .gitignore.
exclude = []

# Rules or checks that are not reported, or the only ones that are; 'stateless-guard rules' lists them.
ignore = []
select = []

# The severity from which on a review ends with status 1: error, warning, note or never.
fail-on = "error"

# "one" hides what only hurts with several instances. It is contradicted where replicas, workers or an autoscaler say otherwise.
instances = "many"

# Bytes of a file that is still read.
max-file-size = 1000000

# Findings that are accepted, beside this file, as 'stateless-guard baseline' writes it; it need not be there.
baseline = ".stateless-guard-baseline.json"

# Other severities for rules or checks.
[severity]
# memory-cache = "warning"
"""


def arguments(parser: ArgumentParser) -> None:
    """None of its own."""
    del parser


def plan(project: Project, options: Namespace) -> Plan:
    """The file, unless something configures the project already."""
    from guard.config import FILE_NAMES, settings_from

    del options
    for name in FILE_NAMES:
        text = project.read(name)
        if text is not None and settings_from(text.encode(), name) is not None:
            return Plan(notes=(f"{name} configures stateless-guard already; nothing written",))
    return Plan((Edit(FILE_NAMES[0], project.read(FILE_NAMES[0]), CONFIG),))


def removal(project: Project, options: Namespace) -> Plan:
    """The file goes if it is as it was written; what somebody decided in it stays."""
    from guard.config import FILE_NAMES

    del options
    name = FILE_NAMES[0]
    text = project.read(name)
    if text is None:
        return Plan(notes=(f"there is no {name}; nothing removed",))
    if text != CONFIG:
        return Plan(notes=(f"{name} was edited since it was written; nothing removed, delete it by hand",))
    return Plan((Edit(name, text, None),))
