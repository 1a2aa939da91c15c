"""Which judge the arguments and the environment ask for. The one place where a key is looked up, in what it is given."""

from __future__ import annotations

from collections.abc import Mapping

from guard.errors import UsageError
from guard.model.judge import Judge, Reply, Request

_NO_KEY = "none"
"""Sent to servers that want no key; the client insists on one."""


def judge_for(
    model: str,
    environment: Mapping[str, str],
    *,
    record: str | None = None,
    replay: str | None = None,
    cache: str | None = None,
) -> tuple[Judge, str]:
    """A judge and the model's name; `model` may be empty for a replay, which knows it. Raises UsageError.

    `environment` has OPENAI_API_KEY and OPENAI_BASE_URL. No configuration file may name an address: it would send code and
    key elsewhere.
    """
    if replay is not None:
        judge, model = _replayer(model, replay)
    elif not model:
        raise UsageError("no model to ask; name one with --model NAME")
    else:
        judge = _server(environment)
    if record is not None:
        from guard.model.record import Recorder

        judge = Recorder(judge, record)
    if cache is not None:
        from guard.model.cache import Cache

        judge = Cache(judge, cache)
    return judge, model


def _replayer(model: str, path: str) -> tuple[Judge, str]:
    from guard.model.record import Replayer

    replayer = Replayer(path)
    if not model and len(replayer.models) > 1:
        raise UsageError(f"--replay {path} has answers of {', '.join(replayer.models)}; say which with --model")
    return replayer, model or next(iter(replayer.models), "unknown")


def _server(environment: Mapping[str, str]) -> Judge:
    from guard.model.patience import Patient

    key, address = environment.get("OPENAI_API_KEY", "").strip(), environment.get("OPENAI_BASE_URL", "").strip()
    if not key and not address:
        raise UsageError(
            "a model needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; --no-model reviews without one"
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise UsageError("OPENAI_API_KEY holds characters that no key has; copy it again")
    if address and not _is_address(address):
        raise UsageError("OPENAI_BASE_URL must be an address that starts with https:// or http://")
    return Patient(_Server(key or _NO_KEY, address or None))


def _is_address(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"https", "http"}
            and bool(parts.hostname)
            and parts.port != 0
            and text.isascii()
            and text.isprintable()
        )
    except ValueError:
        return False


class _Server:
    """A server whose client is made when it is first asked: most changes have no question, and the client loads slowly."""

    def __init__(self, key: str, address: str | None) -> None:
        self._key = key
        self._address = address
        self._judge: Judge | None = None

    def ask(self, request: Request) -> Reply:
        """The server's reply."""
        if self._judge is None:
            from guard.model.openai_judge import OpenAIJudge

            self._judge = OpenAIJudge(api_key=self._key, base_url=self._address)
        return self._judge.ask(request)
