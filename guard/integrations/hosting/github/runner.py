"""The files of an action's runner: the job's summary and the step's outputs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from guard.errors import UsageError

MOST_SUMMARY = 1_000_000
"""Bytes: GitHub drops the summary of a step that is larger than 1 MiB."""


class StepSummary:
    """The job's summary: what stood in the file before stays, ours is written before the first write call and anew at the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._start: int | None = None

    def write(self, text: str) -> None:
        """Put the text into the summary, in the place of what was written before."""
        if not self._path:
            return
        data = text.encode("utf-8", "backslashreplace")[:MOST_SUMMARY].decode("utf-8", "ignore").encode()
        try:
            with open(self._path, "ab") as stream:
                if self._start is None:
                    self._start = stream.tell()
                stream.truncate(self._start)
                stream.write(data + b"\n")
        except OSError as error:
            raise UsageError(f"GITHUB_STEP_SUMMARY: {self._path}: can not be written: {error.strerror}") from None


def write_outputs(path: str, outputs: Mapping[str, str]) -> None:
    """Set the step's outputs. Each ends with a random word, so that no value can set another."""
    if not path:
        return
    lines: list[str] = []
    for name, value in outputs.items():
        end = f"end_{secrets.token_hex(16)}"
        lines += [f"{name}<<{end}", value, end]
    try:
        with open(path, "ab") as stream:
            stream.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"GITHUB_OUTPUT: {path}: can not be written: {error.strerror}") from None
