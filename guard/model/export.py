"""A judge that asks nobody: it writes down what it is asked, one line a question, so that people or any other model can answer.

The lines are described in docs/eval.md. What is answered already is not written again.
"""

from __future__ import annotations

import json
from threading import Lock

from guard.errors import ModelError, UsageError
from guard.model.judge import Judge, NotAskedError, Reply, Request, UnansweredError, prompt_key


class Exporter:
    """Writes questions to a file, which it starts anew. `known` has answers that were given before."""

    def __init__(self, path: str, known: Judge | None = None) -> None:
        self._path = path
        self._known = known
        self._written: set[str] = set()
        self._turn = Lock()  # several threads may ask, and a file has one end
        try:
            open(path, "w", encoding="utf-8").close()
        except OSError as error:
            raise UsageError(f"--export-questions {path}: {error.strerror}") from None

    def ask(self, request: Request) -> Reply:
        """What is known. Raises NotAskedError where nothing is."""
        if self._known is not None:
            try:
                return self._known.ask(request)
            except UnansweredError:
                pass
        try:
            self._write(request)
        except OSError as error:
            raise ModelError(f"--export-questions {self._path}: {error.strerror}") from None
        raise NotAskedError(f"written to {self._path} instead")

    def _write(self, request: Request) -> None:
        prompt = prompt_key(request)
        with self._turn, open(self._path, "a", encoding="utf-8") as stream:
            if prompt not in self._written:
                stream.write(json.dumps(_prompt(request, prompt)) + "\n")
            for asked in request.asked:
                if asked.id not in self._written:
                    line = {"kind": "question", "id": asked.id, "key": asked.key, "prompt": prompt, "text": asked.text}
                    stream.write(json.dumps(line) + "\n")
            self._written |= {prompt, *(asked.id for asked in request.asked)}


def _prompt(request: Request, key: str) -> dict[str, object]:
    """What stands before every question of this prompt."""
    text = "\n\n".join(message.content for message in request.messages if message.role == "system")
    return {"kind": "prompt", "key": key, "version": request.version, "text": text, "schema": json.loads(request.schema)}
