"""pytest's fixtures of the stand-in; `tests/conftest.py` names this module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from github_standin.hub import GitHub
from github_standin.server import serving


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A GitHub on a port of this machine. The test fails if a request broke the contract."""
    with serving(GitHub()) as hub:
        yield hub
    hub.check()
