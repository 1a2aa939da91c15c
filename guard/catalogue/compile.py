"""`python -m guard.catalogue.compile`: the catalogue as JSON, one file a language, for a fast start.

In a checkout the files carry a stamp of their sources and are left aside once those change. A wheel is built with
`--release`: it has no stamp, since installing changes the times of files.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

from guard.catalogue.loader import FOLDER, _all_rules, stamp
from guard.catalogue.rule import Rule


def compile_to(target: str, *, release: bool, folder: str = FOLDER) -> list[str]:
    """Write the compiled files into the folder `target`; gives the languages."""
    rules = _all_rules(folder)
    languages = sorted({language for rule in rules for language in rule.languages})
    os.makedirs(target, exist_ok=True)
    for language in languages:
        _write(os.path.join(target, f"{language}.json"), [_entry(rule) for rule in rules if language in rule.languages])
    _write(os.path.join(target, "manifest.json"), {"stamp": None if release else stamp(folder), "languages": languages})
    return languages


def _entry(rule: Rule) -> dict[str, object]:
    """A rule without what only explanations and tests need, and without empty fields."""
    full = asdict(rule)
    full.update(match=[], no_match=[])
    for key in ("when", "unless"):
        full[key] = [{name: value for name, value in table.items() if value} for table in full[key]]
    return {key: value for key, value in full.items() if value}


def _write(path: str, content: object) -> None:
    """Replace the file in one step: another process may be reading it."""
    with open(f"{path}.part", "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, separators=(",", ":"))
    os.replace(f"{path}.part", path)


if __name__ == "__main__":
    compile_to(os.path.join(FOLDER, "_compiled"), release="--release" in sys.argv[1:])
