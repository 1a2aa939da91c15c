"""Configuration: what is accepted, and what is refused in which words."""

from __future__ import annotations

import tomllib

import pytest

from guard.cli.starters.config import CONFIG
from guard.config import Configuration, Overrides, Settings, configuration, refuse_unknown_names, settings_from, shown
from guard.errors import ConfigError
from guard.finding import Severity

OWN = ".stateless-guard.toml"


def _settings(text: str, origin: str = OWN, folder: str = "") -> Settings:
    settings = settings_from(text.encode(), origin, folder)
    assert settings is not None
    return settings


def test_every_key_is_read() -> None:
    """All of what a file may say."""
    text = 'exclude = ["a/**"]\nselect = ["local-disk"]\nignore = ["x"]\nfail-on = "never"\nmodel = "m"\nmax-file-size = 5\ninstances = "one"\n[severity]\ny = "note"\n'
    assert _settings(text) == Settings(
        ("a/**",), ("local-disk",), ("x",), None, (("y", Severity.NOTE),), "m", 5, "one", "", OWN
    )


def test_a_pyproject_counts_by_its_table_alone() -> None:
    """Others' tables are none of our business, not even a broken one of a file that does not name us."""
    assert (
        _settings('[tool.other]\nx = 1\n[tool.stateless-guard]\nfail-on = "note"\n', "pyproject.toml").fail_on is Severity.NOTE
    )
    assert settings_from(b"[tool.other]\nx = 1\n", "pyproject.toml") is None
    assert settings_from(b"[broken", "pyproject.toml") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("exlude = []", f"{OWN}: unknown key 'exlude'; did you mean 'exclude'?"),
        ('exclude = "legacy"', f"{OWN}: 'exclude' must be a list of texts, not text ('legacy')"),
        ("ignore = [1]", f"{OWN}: 'ignore' must be a list of texts, not a number (1)"),
        ("max-file-size = true", f"{OWN}: 'max-file-size' must be a number of bytes, not a boolean (True)"),
        ("max-file-size = 0", f"{OWN}: 'max-file-size' must be a number of bytes above 0, not 0"),
        ('fail-on = "fatal"', f'{OWN}: \'fail-on\' must be "error", "warning", "note" or "never", not text (\'fatal\')'),
        ("instances = 1", f'{OWN}: \'instances\' must be "many" or "one", not a number (1)'),
        ("severity = 1", f"{OWN}: 'severity' must be a table from rules or checks to severities, not a number (1)"),
        ('[severity]\nx = "high"', f"{OWN}: 'severity': 'x' must be \"error\", \"warning\" or \"note\", not 'high'"),
        ("x =", f"{OWN}: not valid TOML: Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_named(text: str, sentence: str) -> None:
    """File, key, what was expected, what was there, and the nearest valid name."""
    with pytest.raises(ConfigError) as caught:
        _settings(text)
    assert str(caught.value) == sentence


def test_our_table_must_be_a_table() -> None:
    """`stateless-guard = 1` under [tool] is told as well."""
    with pytest.raises(ConfigError, match=r"pyproject.toml: \[tool.stateless-guard\] must be a table, not a number"):
        settings_from(b"[tool]\nstateless-guard = 1\n", "pyproject.toml")


def test_what_counts_for_a_whole_review_stands_at_the_root() -> None:
    """A key that a folder can not decide is refused there instead of being ignored."""
    with pytest.raises(ConfigError, match="'model' counts for a whole review; set it at the root"):
        _settings('model = "m"', "api/.stateless-guard.toml", "api")


def _configuration(files: dict[str, str], *paths: str, overrides: Overrides | None = None) -> Configuration:
    texts = {path: text.encode() for path, text in files.items()}
    return configuration(paths, texts.get, overrides or Overrides())


def test_the_nearest_file_above_a_path_decides_alone() -> None:
    """Files are not merged: what the root says does not count below a folder with its own file."""
    found = _configuration(
        {OWN: 'ignore = ["local-disk"]', "services/api/pyproject.toml": '[tool.stateless-guard]\nfail-on = "note"', "services/pyproject.toml": "[tool.x]"},
        "services/api/src/app.py", "services/web/app.py", "services-api/app.py",
    )  # fmt: skip
    assert found.for_path("services/api/src/app.py").origin == "services/api/pyproject.toml"
    assert found.for_path("services/api/src/app.py").ignore == ()
    assert found.for_path("services/web/app.py").origin == OWN
    assert found.for_path("services-api/app.py").origin == OWN
    assert found.root.origin == OWN


def test_our_own_file_wins_over_a_pyproject_beside_it() -> None:
    """Two files in one folder: the one that is ours alone."""
    found = _configuration({OWN: 'fail-on = "note"', "pyproject.toml": '[tool.stateless-guard]\nfail-on = "never"'}, "a.py")
    assert found.root.origin == OWN


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        ("legacy/**", "legacy/a/b.py", True),
        ("legacy/**", "src/legacy/a.py", False),
        ("legacy/", "src/legacy/a.py", True),
        ("legacy", "legacy", True),
        ("legacy", "legacy2/a.py", False),
        ("*.min.js", "static/a.min.js", True),
        ("static/*.js", "static/a.js", True),
        ("static/*.js", "static/b/a.js", False),
        ("**/gen/*.py", "a/gen/x.py", True),
        ("**/gen/*.py", "gen/x.py", True),
        ("a?.py", "ab.py", True),
        ("a[1].py", "a[1].py", True),
        ("./src/a.py", "src/a.py", True),
    ],
)
def test_exclude_patterns(pattern: str, path: str, *, excluded: bool) -> None:
    """As in a .gitignore: without a slash in every folder, with one from the file's folder."""
    assert Settings(exclude=(pattern,)).excludes(path) is excluded


def test_exclude_patterns_start_from_their_files_folder() -> None:
    """`gen/` in services/api means services/api/gen."""
    found = _configuration({"services/api/.stateless-guard.toml": 'exclude = ["gen/x.py"]'}, "services/api/gen/x.py")
    assert found.excludes("services/api/gen/x.py")
    assert not found.excludes("gen/x.py")


def test_the_command_line_overrides() -> None:
    """`--select` replaces, `--ignore` adds, `--fail-on` replaces."""
    found = _configuration({OWN: 'select = ["a"]\nignore = ["b"]'}, overrides=Overrides(("c",), ("d",), "never", "m"))
    assert found.root == Settings(select=("c",), ignore=("b", "d"), fail_on=None, model="m", origin=OWN)


def test_a_rules_severity_wins_over_its_checks() -> None:
    """The more exact name decides."""
    settings = _settings('[severity]\nmemory-cache = "note"\nflask-caching-memory = "warning"')
    assert settings.severity_of("flask-caching-memory", "memory-cache") is Severity.WARNING
    assert settings.severity_of("other", "memory-cache") is Severity.NOTE
    assert settings.severity_of("other", "local-disk") is None


def test_names_that_do_not_exist_are_refused() -> None:
    """With the file that has them and the nearest name; rules are only listed if there is a name that is no check."""
    found = _configuration({OWN: 'ignore = ["local-disk", "flask-sesion"]'})
    with pytest.raises(ConfigError, match=f"{OWN}: 'flask-sesion' is neither a check nor a rule; did you mean 'flask-session'"):
        refuse_unknown_names(found, lambda: ["flask-session"])
    refuse_unknown_names(_configuration({OWN: 'ignore = ["local-disk"]'}), lambda: pytest.fail("rules were listed"))


def test_settings_are_shown_as_they_would_be_written() -> None:
    """What `--show-settings` prints can be pasted into a file."""
    settings = _settings('exclude = ["a\\"b"]\nignore = ["x"]\nfail-on = "never"\n[severity]\ny = "note"')
    assert _settings(shown(settings)) == settings


def test_the_starter_has_every_key_at_its_default() -> None:
    """What `init config` writes changes nothing and hides nothing."""
    assert _settings(CONFIG) == Settings(origin=OWN)
    assert {key.replace("-", "_") for key in tomllib.loads(CONFIG)} == {
        "exclude",
        "select",
        "ignore",
        "fail_on",
        "severity",
        "max_file_size",
        "instances",
        "baseline",
    }
