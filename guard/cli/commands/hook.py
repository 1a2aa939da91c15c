"""Answer a coding agent's hook: its JSON on standard input, its answer on standard output. Ends with status 0, whatever happens."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

HELP = "answer a coding agent's hook (claude-code, codex, copilot, cursor, gemini)"


def arguments(parser: ArgumentParser) -> None:
    """Whose hook."""
    parser.add_argument("agent", metavar="AGENT", help="claude-code, codex, copilot, cursor or gemini")


def run(options: Namespace) -> int:
    """Answer."""
    return answer(options.agent)


def answer(agent: str) -> int:
    """Answer an agent. A name that is not known passes too: most agents read a failure as a refusal."""
    from guard.integrations.agents import VENDORS

    if agent not in VENDORS:
        sys.stderr.write(f"stateless-guard: no agent {agent!r}; there are {', '.join(VENDORS)}; passed\n")
        sys.stdout.write("{}\n")
        return 0
    from guard.integrations.agents.answering import answer_hook

    return answer_hook(agent)
