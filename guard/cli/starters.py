"""The files that `init` writes, as pure text. What they run says `stateless-guard`: another tool is called guard too."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guard.errors import UsageError

PRE_COMMIT_FILE = ".pre-commit-config.yaml"

CONFIG = """\
# Configuration of stateless-guard. The nearest such file above a path decides for it.
# Every key is optional; these are the defaults.

# Paths that are not reviewed, as in a .gitignore.
exclude = []

# Rules or checks that are not reported, or the only ones that are; 'stateless-guard rules' lists them.
ignore = []
select = []

# The severity from which on a review ends with status 1: error, warning, note or never.
fail-on = "error"

# "one" hides what only hurts with several instances. It is contradicted where replicas, workers or an autoscaler say otherwise.
instances = "many"

# Bytes of a file that is still read.
max-file-size = 1000000

# Other severities for rules or checks.
[severity]
# memory-cache = "warning"
"""

_HOOK = """\
- repo: local
  hooks:
    - id: stateless-guard
      name: stateless-guard
      entry: stateless-guard review --staged --no-model
      language: python
      additional_dependencies: [stateless-guard]
      pass_filenames: false
      require_serial: true
"""


def with_hook(text: str | None) -> tuple[str, str]:
    """A .pre-commit-config.yaml that runs the guard, and what was added to it. The rest of the file stays as it is."""
    before = _entries(text or "")
    if any(hook.get("id") == "stateless-guard" for repo in before for hook in _maps(repo.get("hooks"))):
        return text or "", ""
    if not (text or "").strip():
        added = "repos:\n" + _indented(_HOOK, "  ")
        return added, added
    changed, added = _inserted(text or "", _HOOK)
    if _entries(changed)[:-1] != before:
        raise UsageError(f"{PRE_COMMIT_FILE}: its form is unusual; add this by hand under 'repos':\n{_HOOK}")
    return changed, added


def _entries(text: str) -> list[Mapping[str, object]]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{PRE_COMMIT_FILE}: not valid YAML: {' '.join(str(error).split())}") from None
    if document is not None and not isinstance(document, Mapping):
        raise UsageError(f"{PRE_COMMIT_FILE}: not a mapping with 'repos'")
    return _maps((document or {}).get("repos"))


def _maps(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _inserted(text: str, hook: str) -> tuple[str, str]:
    """The text with one more item at the end of the list under `repos`, indented as the others are."""
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    start = next((index for index, line in enumerate(lines) if re.match(r"repos\s*:", line)), None)
    if start is None:
        added = "repos:\n" + _indented(hook, "  ")
        return "".join(lines) + added, added
    if re.match(r"repos\s*:\s*\[\s*\]", lines[start]):
        lines[start] = "repos:\n"
    end = next((index for index in range(start + 1, len(lines)) if re.match(r"[^\s#-]", lines[index])), len(lines))
    item = next((match[1] for line in lines[start + 1 : end] if (match := re.match(r"( *)- ", line))), "  ")
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    added = _indented(hook, item)
    return "".join([*lines[:end], added, *lines[end:]]), added


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}" for line in text.splitlines(keepends=True))
