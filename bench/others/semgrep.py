"""semgrep with all of its public rules, run over the changed files of all commits in one go.

The rules come from a clone of https://github.com/semgrep/semgrep-rules and stay there: their licence lets them be used, not handed on.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from others import Hit, Texts, at_head

_NO_RULES = (".github/", "stats/", "scripts/", "template.yaml", ".pre-commit", "libsonnet/")


def hits(program: str, clone: str, cases: Mapping[str, Texts]) -> dict[str, tuple[Hit, ...]]:
    """Case -> what the public rules say of the new texts of its files."""
    with tempfile.TemporaryDirectory() as folder:
        rules, code = Path(folder, "rules"), Path(folder, "code")
        for path, text in _rules(clone):
            _write(rules / path.replace("/", "."), text)
        for case, texts in cases.items():
            for path, text in texts.items():
                _write(code / case / path, text)
        flags = ("--metrics=off", "--disable-version-check", "--no-git-ignore", "--quiet", "--json", "--timeout=10", "--jobs=1")
        command = (program, "scan", *flags, f"--config={rules}", "--x-ignore-semgrepignore-files", str(code))
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode not in {0, 1}:
            raise SystemExit(f"semgrep ended with status {done.returncode}: {(done.stderr or done.stdout)[-500:]}")
        found = [_hit(entry, code) for entry in json.loads(done.stdout)["results"]]
    return {case: tuple(hit for at, hit in found if at == case) for case in cases}


def _rules(clone: str) -> Iterator[tuple[str, str]]:
    for path, text in at_head(clone, ".").items():
        if not path.startswith(_NO_RULES) and ".test." not in path and "\nrules:" in f"\n{text}":
            yield path, text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")


def _hit(entry: dict[str, object], code: Path) -> tuple[str, Hit]:
    case, path = Path(str(entry["path"])).relative_to(code).as_posix().split("/", 1)
    start, end = entry["start"], entry["end"]
    rule = str(entry["check_id"]).rsplit(".", 1)[-1]
    return case, Hit(path, start["line"], end["line"], rule)  # type: ignore[index]  # the form of semgrep's report
