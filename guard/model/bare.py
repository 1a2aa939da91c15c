"""The prompt that our questions are measured against: the rule and the whole diff, and nothing that a heuristic saw."""

from __future__ import annotations

import hashlib
import json

from guard.atoms.atom import Atom, Level
from guard.model.secrets import leaving, without_secrets_of_diff
from guard.model.templates import render
from guard.model.text import code_line

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "path": {"type": "string"},
                        "line": {"type": "integer"},
                        "check": {"type": "string"},
                        "reason": {"type": "string"},
                    },
                    "required": ["path", "line", "check", "reason"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["findings"],
        "additionalProperties": False,
    }
)
_LONGEST = 100_000


def bare_prompt(atom: Atom) -> str:
    """What stands before the diff."""
    rule = atom.projections[Level.CORE.value].removeprefix("# ")
    return render("bare.j2", {"rule": rule, "checks": [check.slug for check in atom.checks]})


def bare_question(diff: str) -> str:
    """The diff, as it is sent: what can not be seen is replaced, and secrets are cut out, as in every prompt."""
    lines = without_secrets_of_diff(diff).split("\n")
    return leaving("# The change\n\n" + "\n".join(code_line(line, _LONGEST) for line in lines).rstrip() + "\n")


def bare_lines(atom: Atom, name: str, diff: str) -> tuple[dict[str, object], dict[str, object]]:
    """The prompt and one case, as lines of a file that others answer (docs/eval.md)."""
    prompt, text = bare_prompt(atom), bare_question(diff)
    key = _hash(prompt + SCHEMA)
    return (
        {"kind": "prompt", "key": key, "text": prompt, "schema": json.loads(SCHEMA)},
        {"kind": "bare", "id": name, "key": _hash(text), "prompt": key, "text": text},
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
