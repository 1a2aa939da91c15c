"""`python -m guard.catalogue.compile`: the catalogue as JSON, one file a language, for a fast start.

In a checkout the files carry a stamp of their sources and are left aside once those change. A wheel is built with
`--release`: it has no stamp, since installing changes the times of files.
"""

from __future__ import annotations

import json
import os
import sys

from guard.catalogue.compiled import FOLDER, FORMAT, stamp
from guard.catalogue.loader import _all_rules, indexed


def compile_to(target: str, *, release: bool, folder: str = FOLDER) -> list[str]:
    """Write the compiled files into the folder `target`; gives the languages."""
    rules = _all_rules(folder)
    languages = sorted({language for rule in rules for language in rule.languages})
    os.makedirs(target, exist_ok=True)
    for language in languages:
        _write(os.path.join(target, f"{language}.json"), indexed(language, rules))
    _write(
        os.path.join(target, "manifest.json"),
        {"format": FORMAT, "stamp": None if release else stamp(folder), "languages": languages},
    )
    return languages


def _write(path: str, content: object) -> None:
    """Replace the file in one step: another process may be reading it."""
    with open(f"{path}.part", "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, separators=(",", ":"))
    os.replace(f"{path}.part", path)


if __name__ == "__main__":
    compile_to(os.path.join(FOLDER, "_compiled"), release="--release" in sys.argv[1:])
