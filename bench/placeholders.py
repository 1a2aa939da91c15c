"""How much of ordinary code is taken for a secret: the files of mirrored repositories, cut as before a model is asked.

    python bench/placeholders.py MIRROR [--repositories 40] [--files 60] [--show 200]

Prints the share of lines with a placeholder, by kind of file, and some of these lines to look at, as they would be sent.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from guard.model.secrets import numbered
from guard.model.secrets.files import secrets_of
from guard.model.secrets.placeholders import placeholder

_READ = (".py", ".js", ".ts", ".tsx", ".java", ".kt", ".cs", ".go", ".rb", ".php", ".yml", ".yaml", ".toml", ".tf", ".sh", ".conf", ".properties", ".json", ".xml", ".rs", ".ex", ".env")  # fmt: skip
_LARGEST = 200_000


def files_of(repository: Path, number: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Some files of a repository's head, with their texts."""
    git = ["git", "-C", str(repository)]
    listed = subprocess.run(
        [*git, "ls-tree", "-r", "-l", "-z", "HEAD"], capture_output=True, text=True, errors="replace", check=False
    )
    rows = [row.split("\t", 1) for row in listed.stdout.split("\0") if "\t" in row]
    paths = [
        path
        for told, path in rows
        if (path.endswith(_READ) or "Dockerfile" in path or ".env" in path)
        and told.split()[3].isdigit()
        and int(told.split()[3]) < _LARGEST
        and "node_modules/" not in path
        and not path.endswith(("package-lock.json", "composer.lock", ".min.js"))
    ]
    for path in chance.sample(paths, min(number, len(paths))):
        shown = subprocess.run([*git, "show", f"HEAD:{path}"], capture_output=True, check=False)
        yield path, shown.stdout.decode("utf-8", "replace")


def main() -> None:
    """Count, and show."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mirror", type=Path)
    parser.add_argument("--repositories", type=int, default=40)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--show", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - a sample
    repositories = sorted(options.mirror.glob("*/repo*"))
    lines: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    seen: list[str] = []
    took = 0.0
    for repository in chance.sample(repositories, min(options.repositories, len(repositories))):
        for path, text in files_of(repository, options.files, chance):
            every = text.split("\n")
            start = time.perf_counter()
            found = secrets_of(path, every)
            took += time.perf_counter() - start
            kind = path.rsplit("/", 1)[-1].rsplit(".", 1)[-1]
            lines[kind] += len(every)
            cut[kind] += len(found)
            for index, spans in found.items():
                shown = every[index]
                for first, last in reversed(spans):
                    shown = f"{shown[:first]}{placeholder(shown[first:last])}<{shown[first:last][:60]}>{shown[last:]}"
                seen.append(f"{repository.parent.name}/{path}:{index + 1}: {numbered(shown.strip())[:240]}")
    total = sum(lines.values())
    print(
        f"{sum(cut.values())} of {total} lines ({1000 * sum(cut.values()) / total:.2f} in a thousand), {total / took:,.0f} lines a second"
    )
    for kind, number in lines.most_common(24):
        print(f"  {kind:<12} {cut[kind]:>6} of {number:>8}  {1000 * cut[kind] / number:.2f}")
    for line in chance.sample(seen, min(options.show, len(seen))):
        print(line)


if __name__ == "__main__":
    main()
