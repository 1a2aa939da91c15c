"""The versions of a default: what a manifest allows, and whether a rule holds there."""

from __future__ import annotations

import pytest

from guard.catalogue.own import own_rules
from guard.catalogue.versions import in_range
from guard.errors import CatalogueError
from guard.project import Project, project_from


@pytest.mark.parametrize(
    ("wanted", "requirement", "holds"),
    [
        ("<1.21", "==1.20.0", True),
        ("<1.21", "==1.21.0", False),
        (">=1.21", "==1.21", True),
        ("<1.21", ">=1.10", False),  # an installation takes the newest
        (">=1.21", ">=1.10", True),
        ("<1.21", ">=1.10,<1.21", True),
        (">=1.21", ">=1.10,<1.21", False),
        ("<1.21", ">=1.10, <2", False),
        ("<2", "^1.4.0", True),
        ("<2", "^1.4.0 || ^2.1.0", False),
        ("<0.4", "^0.3.1", True),
        (">=8", "~> 7.1", False),
        ("<8", "~> 7.1.2", True),
        ("<3", "~=2.25", True),
        (">=3", "2.*", False),
        (">=3", "3.x", True),
        (">=2,<4", "v3.1.0", True),
        (">=2,<4", "4.0.0", False),
        ("<4", "", False),  # nothing said: the newest
        (">=4", "latest", True),
    ],
)
def test_the_newest_version_that_is_allowed_decides(wanted: str, requirement: str, holds: bool) -> None:
    """In the words of every package manager."""
    assert in_range(wanted, requirement) is holds


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("requirements.txt", "flask==3\ngoogle_adk[eval]>=1.10,<1.21  # pinned\n", ">=1.10,<1.21"),
        ("pyproject.toml", '[project]\ndependencies = ["google-adk==1.20.0"]\n', "==1.20.0"),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-adk = {extras = ["a"], version = "^1.4"}\n', "^1.4"),
        ("package.json", '{"dependencies": {"my-google-adk": "1", "google-adk": "~2.1.0"}}', "~2.1.0"),
        ("Gemfile", "gem 'google-adk', '~> 7.1'\n", "~> 7.1"),
        ("pom.xml", "<artifactId>google-adk</artifactId>\n  <version>0.3.0</version>", "0.3.0"),
        ("build.gradle", 'implementation "com.google:google-adk:0.3.0"', "0.3.0"),
        ("app.csproj", '<PackageReference Include="google-adk" Version="8.0.1" />', "8.0.1"),
        ("requirements.txt", "google-adk\n", ""),
        ("requirements.txt", "google-adk-community==2\n", ""),
    ],
)
def test_a_manifest_says_the_version(path: str, text: str, said: str) -> None:
    """Wherever a name stands with one; a longer name is another package."""
    assert project_from({path: text}).requirement("google-adk") == said
    assert Project().requirement("google-adk") == ""


def test_a_range_that_is_none_is_refused() -> None:
    """With file, entry and what to write instead."""
    text = (
        '[framework]\nname = "x"\nlanguages = ["python"]\ndocs = "https://x.example"\n[[rule]]\nid = "x"\ncheck = "local-disk"\n'
        'confidence = "likely"\nmessage = "m"\nremedy = "r"\nversions = { x = "2.x" }\nwhen = [{ call = ["x"] }]\n'
    )
    with pytest.raises(CatalogueError, match=r"acme.toml: rule 'x': 'versions' has '2.x'; write a range such as '>=2'"):
        own_rules((("acme.toml", text),))
