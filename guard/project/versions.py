"""What a project's manifests ask of the version of one package, as it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def requirement_of(package: str, texts: Iterable[str]) -> str:
    """The first requirement that says a version; "" where the manifests name the package without one, or not at all."""
    pattern = _pattern(package.lower())
    for text in texts:
        for found in pattern.finditer(text):
            said = next((group for group in found.groups() if group), "").strip()
            if any(character.isdigit() for character in said):
                return said
    return ""


@lru_cache(maxsize=16)
def _pattern(package: str) -> re.Pattern[str]:
    """A package with its version, in the ways of package.json, pip, Poetry, Bundler, Maven, Gradle, NuGet and Go.

    An underscore is as good as a dash, as pip has it.
    """
    name = re.sub(r"[-_]", "[-_]", re.escape(package).replace("\\-", "-"))
    version = r"[^\"'<>{}\s][^\"'<{}]*"
    return re.compile(
        rf"""(?<![\w.@/-]){name}(?:\[[^\]]*\])?(?:
            \s*((?:[<>=!~]=|[<>](?=\s*\d))[^\"'\#;\n]*)
          | ["']?\s*[:=]\s*(?:\{{[^}}]*?version["']?\s*[:=]\s*)?["']([^"']*)["']
          | ["']\s*,\s*["']([^"']*)["']
          | </artifactId>\s*<version>({version})</version>
          | :({version})["']
          | ["'][^<>]*?\bversion=["']([^"']*)["']
          | \s+(v\d\S*)
        )""",
        re.VERBOSE | re.IGNORECASE,
    )
