"""Build hook: a wheel carries the catalogue compiled to JSON, since parsing its TOML files costs more than a small review."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledCatalogue(BuildHookInterface[Any]):
    """Adds `guard/catalogue/_compiled/` to a wheel; an editable install keeps reading the TOML files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a folder outside the checkout and tell the builder where it is."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        from guard.catalogue.compile import compile_to  # the package under construction

        folder = Path(mkdtemp(prefix="stateless-guard-"))
        for language in [*compile_to(str(folder), release=True), "manifest"]:
            build_data["force_include"][str(folder / f"{language}.json")] = f"guard/catalogue/_compiled/{language}.json"
