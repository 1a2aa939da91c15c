"""`atom.yaml`, validated. Tolerant of fields that later versions of Prime may add, strict about those that are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, field_validator

_Id = Annotated[str, StringConstraints(pattern=r"^@[\w.-]+/[\w.-]+$")]
_LEVELS = ("summary", "core", "full")


class EdgeEntry(BaseModel):
    """One relation."""

    type: str
    target: Annotated[str, StringConstraints(min_length=1)]


class AtomFile(BaseModel):
    """What `atom.yaml` states."""

    id: _Id
    kind: str
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+")]
    description: str = ""
    domain: str = ""
    tags: list[str] = Field(default_factory=list)
    content_hash: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
    tokens: dict[str, int]
    projection: dict[str, str] = Field(default_factory=lambda: {level: f"chunks/{level}.md" for level in _LEVELS})
    quality: dict[str, float] = Field(default_factory=dict)
    relations: list[EdgeEntry] = Field(default_factory=list)
    created_at: str = ""

    @field_validator("tokens", "projection")
    @classmethod
    def _has_all_levels(cls, value: dict[str, object]) -> dict[str, object]:
        missing = [level for level in _LEVELS if level not in value]
        if missing:
            raise ValueError(f"{missing[0]!r} is missing; it must have {', '.join(_LEVELS)}")
        return value
