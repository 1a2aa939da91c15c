"""What the starters of commit hooks share: the stages, the command that a hook runs, and the marked block that it stands in.

Shell scripts and YAML files have the same comments, so one block serves both: what stands between its two lines is ours.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace

STAGES = ("pre-commit", "pre-push")
NAME = "stateless-guard"
_BLOCK = re.compile(r"^[ \t]*# >>> stateless-guard >>>.*\n(?:.*\n)*?[ \t]*# <<< stateless-guard <<<.*(?:\n|\Z)", re.MULTILINE)


def stage_option(parser: ArgumentParser) -> None:
    """`--stage`, which may be given for each."""
    parser.add_argument("--stage", action="append", choices=STAGES, help="what runs it (repeat for both; default: pre-commit)")


def stages_asked(options: Namespace) -> tuple[str, ...]:
    """The stages that are asked for, in order."""
    return tuple(stage for stage in STAGES if stage in (options.stage or STAGES[:1]))


def hook_command(stage: str, command: str = NAME) -> str:
    """What a hook runs. No model: a commit should neither wait nor depend on a network."""
    return f"{command} review --hook {stage} --no-model"


def block(what: str, text: str, indent: str = "") -> str:
    """A text between the lines that mark it as ours."""
    first = f"# >>> stateless-guard >>> ('stateless-guard init {what} --remove' takes out what is down to <<<)\n"
    lines = (first + text + "# <<< stateless-guard <<<\n").splitlines(keepends=True)
    return "".join(f"{indent}{line}" for line in lines)


def blocks_in(text: str) -> str:
    """All that is marked as ours."""
    return "".join(_BLOCK.findall(text))


def without_blocks(text: str) -> str:
    """A text without what is marked as ours."""
    return _BLOCK.sub("", text)
