"""One review, in order: what the heuristics see, what a model says of it, what the policy makes of it."""

from __future__ import annotations

from guard.pipeline.heuristics import MAX_FILE_SIZE, Observations, observe

__all__ = ["MAX_FILE_SIZE", "Observations", "observe"]
