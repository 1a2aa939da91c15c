"""Which judge the arguments and the environment ask for. The one place where a key is looked up, in what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from guard.errors import UsageError
from guard.model.inquiry import DEADLINE, SWEEP, Asking, Inquiry, Sweep
from guard.model.judge import Judge, Reply, Request

if TYPE_CHECKING:
    from guard.model.server.judge import Manners
    from guard.model.verdicts import Verdicts

_UNKNOWN = "unknown"
_NO_KEY = "none"
"""Sent to servers that want no key; the client insists on one."""
_AZURE_VERSION = "2024-10-21"
"""The first API version, and the oldest that is kept, whose answers can be made to fit a schema strictly."""


def inquiry_for(
    asking: Asking, environment: Mapping[str, str], warn: Callable[[str], None] = lambda _sentence: None
) -> Inquiry:
    """A judge and its limits; the model's name may be empty for a replay, which knows it. Raises UsageError.

    `environment` has OPENAI_API_KEY and OPENAI_BASE_URL, or AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY and OPENAI_API_VERSION. No
    configuration file may name an address: it would send code and key elsewhere. `warn` is told what makes no difference.
    """
    verdicts = _verdicts(asking, warn)
    judge, model = judge_for(asking, environment, verdicts)
    if asking.max_cost is not None:
        from guard.model.budget import price_is_unknown
        from guard.model.prices import price_of

        if price_of(model) is None:
            raise UsageError(price_is_unknown(model))
    deadline, sweep = asking.deadline or DEADLINE, Sweep(asking.sweep) if asking.sweep else SWEEP
    return Inquiry(judge, model, asking.max_tokens, asking.max_cost, deadline, verdicts=verdicts, sweep=sweep)


def _verdicts(asking: Asking, warn: Callable[[str], None]) -> Verdicts | None:
    """Where answers are kept; nowhere if they are recorded, repeated or given by somebody else: a record is to be whole."""
    if asking.cache == "" or any(file is not None for file in (asking.record, asking.replay, asking.export)):
        return None
    from guard.model.verdicts import Verdicts, default_folder

    return Verdicts(asking.cache or default_folder(), warn)


def judge_for(asking: Asking, environment: Mapping[str, str], manners: Manners | None = None) -> tuple[Judge, str]:
    """The judge and the model's name. Raises UsageError."""
    model = asking.model
    if asking.export is not None:
        return _exporter(asking)
    if asking.replay is not None:
        judge, model = _replayer(model, asking.replay)
    elif not model:
        raise UsageError("no model to ask; name one with --model NAME")
    else:
        judge = _patient(_address(environment), manners)
    if asking.record is not None:
        from guard.model.record import Recorder

        judge = Recorder(judge, asking.record)
    return judge, model


def _exporter(asking: Asking) -> tuple[Judge, str]:
    from guard.model.export import Exporter

    if asking.record is not None:
        raise UsageError("--export-questions asks nobody: there is nothing to record")
    if asking.replay is None:
        return Exporter(asking.export or ""), asking.model or _UNKNOWN
    known, model = _replayer(asking.model, asking.replay)
    return Exporter(asking.export or "", known), model


def _replayer(model: str, path: str) -> tuple[Judge, str]:
    from guard.model.record import Replayer

    replayer = Replayer(path)
    if not model and len(replayer.models) > 1:
        raise UsageError(f"--replay {path} has answers of {', '.join(replayer.models)}; say which with --model")
    return replayer, model or next(iter(replayer.models), _UNKNOWN)


def _patient(address: _Address, manners: Manners | None) -> Judge:
    from guard.model.patience import Patient

    return Patient(_Server(address, manners))


# -- addresses ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Address:
    """A key and where it is sent: "" for OpenAI; with an API version, an Azure resource."""

    key: str
    url: str
    azure_version: str = ""


def _address(environment: Mapping[str, str]) -> _Address:
    def told(name: str) -> str:
        return environment.get(name, "").strip()

    azure = told("AZURE_OPENAI_ENDPOINT")
    if azure and not told("OPENAI_BASE_URL"):
        key, name = told("AZURE_OPENAI_API_KEY") or told("OPENAI_API_KEY"), "AZURE_OPENAI_ENDPOINT"
        if not key:
            raise UsageError("AZURE_OPENAI_ENDPOINT is set without AZURE_OPENAI_API_KEY; --no-model reviews without a model")
        return _checked(_Address(key, azure, told("OPENAI_API_VERSION") or _AZURE_VERSION), name)
    key, url = told("OPENAI_API_KEY"), told("OPENAI_BASE_URL")
    if not key and not url:
        raise UsageError(
            "a model needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; --no-model reviews without one"
        )
    return _checked(_Address(key or _NO_KEY, url), "OPENAI_BASE_URL")


def _checked(address: _Address, name: str) -> _Address:
    key = address.key
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise UsageError(
            f"{name.replace('BASE_URL', 'API_KEY').replace('ENDPOINT', 'API_KEY')} holds characters that no key has; copy it again"
        )
    if address.url and not _is_address(address.url):
        raise UsageError(f"{name} must be an address that starts with https:// or http://")
    return address


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

    def __init__(self, address: _Address, manners: Manners | None) -> None:
        self._address = address
        self._manners = manners
        self._turn = Lock()
        self._judge: Judge | None = None

    def ask(self, request: Request) -> Reply:
        """The server's reply."""
        with self._turn:
            if self._judge is None:
                from guard.model.server.judge import server_judge

                address = self._address
                self._judge = server_judge(address.key, address.url, azure_version=address.azure_version, manners=self._manners)
            judge = self._judge
        return judge.ask(request)
