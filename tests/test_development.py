"""Code that only development or tests run is told by the branches and classes around it."""

from __future__ import annotations

import pytest

from guard.catalogue.development import is_for_development
from guard.facts import Facts


def _facts(code: str, language: str = "python") -> tuple[Facts, int]:
    lines = code.strip("\n").split("\n")
    line = next(number for number, text in enumerate(lines, 1) if "HERE" in text)
    return Facts("app.py", language, tuple(lines)), line


@pytest.mark.parametrize(
    "code",
    [
        "if DEBUG:\n    x = 1  # HERE",
        "if settings.TESTING:\n    CACHES = {\n        'default': {'BACKEND': 'HERE'},\n    }",
        "if 'test' in sys.argv:\n    x = 1  # HERE",
        "if os.environ.get('ENV') == 'development':\n    x = 1  # HERE",
        "if os.environ['APP_ENV'] in ('dev', 'ci'):\n    x = 1  # HERE",
        "if not DEBUG:\n    x = 2\nelse:\n    x = 1  # HERE",
        "if env.ENVIRONMENT == 'local':\n    x = 1  # HERE",
        "class TestingConfig(Config):\n    X = 1  # HERE",
        "class DevConfig:\n    X = 1  # HERE",
        "def make(app):\n    if app.config['TESTING']:\n        # a remark\n\n        x = 1  # HERE",
    ],
)
def test_named_for_development(code: str) -> None:
    """What is under such a line is no production code."""
    assert is_for_development(*_facts(code))


@pytest.mark.parametrize(
    "code",
    [
        "x = 1  # HERE",
        "if DEBUG:\n    y = 2\nx = 1  # HERE",
        "if not DEBUG:\n    x = 1  # HERE",
        "if DEBUG:\n    x = 2\nelse:\n    x = 1  # HERE",
        "if redis_url:\n    x = 2\nelse:\n    x = 1  # HERE",
        "if STORAGE == 'local':\n    x = 1  # HERE",
        "if DEBUG or not redis_url:\n    x = 1  # HERE",
        "if ENV != 'test':\n    x = 1  # HERE",
        "if os.path.exists('dev.json'):\n    x = 1  # HERE",
        "class Config:\n    X = 1  # HERE",
        "class DeviceStore:\n    X = 1  # HERE",
        "class Latest:\n    X = 1  # HERE",
        "def test_drive():\n    x = 1  # HERE",
        "if device:\n    x = 1  # HERE",
    ],
)
def test_everything_else_is_production(code: str) -> None:
    """Neighbours, opposite branches and words that only look like it change nothing."""
    assert not is_for_development(*_facts(code))


def test_a_conditional_expression_counts_where_it_chooses_the_value() -> None:
    """`memory if DEBUG else redis` is for development only where the caller says that the value is one of several."""
    facts, line = _facts("URI = 'memory://' if DEBUG else os.environ['REDIS_URL']  # HERE")
    assert is_for_development(facts, line, inline=True)
    assert not is_for_development(facts, line)


def test_braces_are_branches_too() -> None:
    """JavaScript as people indent it."""
    code = "if (process.env.NODE_ENV === 'test') {\n  store = new MemoryStore(); // HERE\n} else {\n  store = redis;\n}"
    assert is_for_development(*_facts(code, "javascript"))
    code = "if (process.env.NODE_ENV === 'production') {\n  store = new MemoryStore(); // HERE\n}"
    assert not is_for_development(*_facts(code, "javascript"))
