"""Configuration: text in, checked value out. Nothing is read here: callers pass texts and get settings to hand on."""

from __future__ import annotations

from dataclasses import dataclass, field

from guard.finding import Severity

MAX_FILE_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What one configuration file asks for, checked; `origin` names the file, "" for the defaults."""

    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity | None = Severity.ERROR
    severity: tuple[tuple[str, Severity], ...] = ()
    model: str = ""
    max_file_size: int = MAX_FILE_SIZE
    folder: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of a whole review: the nearest file above a path decides for it."""

    by_folder: tuple[tuple[str, Settings], ...] = field(default=())

    def for_path(self, path: str) -> Settings:
        """The settings of a file."""
        del path
        return Settings()
