"""`docker run` and its kin as what they are: a service that is described in one line.

The settings are those of a Compose file: ("docker run", name, "image"), ("docker run", name, "volumes", "0"), …, "environment". Only
what stays is a service: a detached container, one with a restart policy, one that a unit runs.
https://docs.docker.com/reference/cli/docker/container/run/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from guard.facts import Constant, Setting, Span
from guard.languages._templates import value_of

_RUN = re.compile(r"\b(?:docker|podman|nerdctl)\s+(?:container\s+|service\s+)?(?P<verb>run|create)\s")
_WORD = re.compile(r"(?:\{\{.{0,200}?\}\}|\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.|[^\s\"'\\])+", re.DOTALL)
_END = re.compile(r"(?:&&|\|\|?|;|&|>.*|<.*)")
_FLAGS = frozenset(
    "--detach --rm --init --privileged --read-only --interactive --tty --publish-all --no-healthcheck --oom-kill-disable --sig-proxy --replace".split()
)
_SHORT_FLAGS = frozenset("ditPq")
_SHORT = {"v": "--volume", "e": "--env"}
_STAYS = ("--restart", "--detach", "--restart-condition")
_MOST_WORDS = 400


class _Container(Struct):
    """What one command says, option by option, with the line of each."""

    options: list[tuple[str, str, int]] = field(default_factory=list)
    image: tuple[str, int] | None = None


def services(text: str, first: int, *, stays: bool = False) -> Iterator[Setting]:
    """The containers that a text starts, its first line having this number; `stays` if what it starts is kept running."""
    for found in _RUN.finditer(text):
        container = _container(text, found.end(), first)
        verbs = "service" in found[0] or found["verb"] == "create"
        if container.image and (stays or verbs or any(name in _STAYS for name, _, _ in container.options)):
            yield from _settings(container, first + text.count("\n", 0, found.start()))


def _container(text: str, start: int, first: int) -> _Container:
    container = _Container()
    waiting = ""
    for number, word in enumerate(_WORD.finditer(text, start)):
        line = first + text.count("\n", 0, word.start())
        plain = word[0].replace('"', "").replace("'", "")
        if number > _MOST_WORDS or (_END.fullmatch(word[0]) and not waiting):
            break
        if word[0] == "\\\n" or not plain.strip("\\\n"):
            continue
        if waiting:
            container.options.append((waiting, plain, line))
            waiting = ""
        elif plain.startswith("-"):
            waiting = _option(plain, line, container)
        else:
            container.image = (plain, line)
            break
    return container


def _option(word: str, line: int, container: _Container) -> str:
    """Keep an option that is whole; the name of one that waits for its value."""
    name, equals, value = word.partition("=")
    if word.startswith("--"):
        if not equals and word not in _FLAGS:
            return word
        container.options.append((name, value, line))
        return ""
    letters = word[1:]
    flags = len(letters) - len(letters.lstrip("".join(_SHORT_FLAGS)))
    if "d" in letters[:flags]:
        container.options.append(("--detach", "", line))
    rest = letters[flags:]
    if not rest:
        return ""
    long = _SHORT.get(rest[0], f"-{rest[0]}")
    if len(rest) == 1:
        return long
    container.options.append((long, rest[1:].lstrip("="), line))
    return ""


def _settings(container: _Container, line: int) -> Iterator[Setting]:
    image, image_line = container.image or ("", line)
    name = next((value for option, value, _ in container.options if option == "--name"), "") or image
    around = ("docker run", name)
    yield Setting((*around, "image"), value_of(image), Span(image_line, image_line))
    volumes = environment = 0
    for option, value, at in container.options:
        if option in {"--volume", "--mount"}:
            yield from _volume((*around, "volumes", str(volumes)), option, value, Span(at, at))
            volumes += 1
        elif option == "--env":
            yield Setting((*around, "environment", str(environment)), value_of(value), Span(at, at))
            environment += 1


def _volume(path: tuple[str, ...], option: str, value: str, span: Span) -> Iterator[Setting]:
    if option == "--volume":
        yield Setting(path, value_of(value), span)
        return
    for pair in value.split(","):
        key, _, content = pair.partition("=")
        yield Setting((*path, key), value_of(content) if content else Constant(True), span)
