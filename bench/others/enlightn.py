"""Enlightn for Laravel: its analyzers of the session, cache and queue drivers.

They boot the application and look at the driver that its configuration gives; here the driver is read off the changed files, in
their favour: the default of `env(...)` in config/*.php, and `SESSION_DRIVER`, `CACHE_DRIVER`, `CACHE_STORE`, `QUEUE_CONNECTION` of an
.env file. The drivers that they object to are taken from their own methods `assess<Driver>Driver`
(https://github.com/enlightn/enlightn/tree/main/src/Analyzers/Performance).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from others import Hit, Scanner, Texts, at_head

_ANALYZERS = {"Session": ("config/session.php", "SESSION_DRIVER", "driver"), "Cache": ("config/cache.php", "CACHE_(?:DRIVER|STORE)", "default"), "Queue": ("config/queue.php", "QUEUE_(?:CONNECTION|DRIVER)", "default")}  # fmt: skip
_FOLDER = "src/Analyzers/Performance"


def scanner(clone: str) -> Scanner:
    """The scanner with the drivers that a clone's analyzers object to."""
    sources = at_head(clone, _FOLDER)
    drivers = {
        name: re.findall(r"function assess(\w+?)Driver\b", sources[f"{_FOLDER}/{name}DriverAnalyzer.php"])
        for name in _ANALYZERS
    }
    return lambda texts: (hit for name in _ANALYZERS for hit in _hits(name, drivers[name], texts))


def _hits(name: str, drivers: list[str], texts: Texts) -> Iterator[Hit]:
    file, variable, key = _ANALYZERS[name]
    bad = "|".join(driver.lower() for driver in drivers)
    configured = re.compile(rf"""['"]{key}['"]\s*=>\s*(?:env\(\s*['"]{variable}['"]\s*,\s*)?['"](?:{bad})['"]""")
    set_ = re.compile(rf"""^\s*{variable}\s*=\s*["']?(?:{bad})\b""")
    for path, text in texts.items():
        pattern = configured if path.endswith(file) else set_ if re.search(r"(?:^|/)\.env[^/]*$", path) else None
        if pattern is not None:
            yield from (
                Hit(path, at, at, f"{name}DriverAnalyzer")
                for at, line in enumerate(text.split("\n"), 1)
                if pattern.search(line)
            )
