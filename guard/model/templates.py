"""The templates of prompts/: rendered, and told apart by their versions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from guard.atoms import prompts_folder
from guard.errors import AtomError
from guard.model.secrets import leaving
from guard.regex import regex

_VERSION = regex(r"\{# version (\d+) #\}\n")


@lru_cache(maxsize=4)
def _environment(folder: str) -> Environment:
    # Prompts are plain text for a model, not HTML: nothing is to be escaped, and every value was made one line before.
    loader = FileSystemLoader(folder)
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701


def render(name: str, values: Mapping[str, object]) -> str:
    """A template of prompts/ with these values, and without secrets. Raises AtomError for one that is broken, or wants a value that is not there."""
    folder = prompts_folder()
    try:
        return leaving(_environment(folder).get_template(name).render(values).strip() + "\n")
    except TemplateError as error:
        raise AtomError(f"{folder}/{name}: {type(error).__name__}: {error}") from None


def version_of(names: Iterable[str]) -> int:
    """One number for a set of templates: the sum of their versions, so that it grows with each change of one of them."""
    return sum(_version(name) for name in names)


def _version(name: str) -> int:
    path = os.path.join(prompts_folder(), name)
    try:
        with open(path, encoding="utf-8") as stream:
            found = _VERSION.match(stream.readline())
    except OSError as error:
        raise AtomError(f"{path}: {error.strerror}") from None
    if found is None:
        raise AtomError(f"{path}: line 1 must be '{{# version N #}}'")
    return int(found[1])
