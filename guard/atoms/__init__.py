"""Atoms: rules in the Prime format. Read from a compiled corpus, checked, shown; and written, byte for byte as Prime does.

Only the names of what every review is held against are here; reading an atom (YAML, pydantic) costs more than a small review.
"""

from __future__ import annotations

import os

STATELESS_PROCESSES = "@backend-architecture/rule-stateless-processes"
SLUGS: dict[str, tuple[str, ...]] = {STATELESS_PROCESSES: ("session-store", "sticky-session", "local-disk", "memory-cache")}
"""Short names of an atom's checks, in the atom's order. Checks of other atoms are named by their first words."""
SHIPPED: tuple[tuple[str, str], ...] = ((STATELESS_PROCESSES, "1.0.0"),)
"""(id, version) of the atoms that every review is held against, known without reading them."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def prompts_folder() -> str:
    """Where templates and atoms are: inside the package when it was installed, beside it in a checkout."""
    inside = os.path.join(_PACKAGE, "prompts")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(_PACKAGE), "prompts")


def atoms_folder() -> str:
    """The compiled corpus that is shipped: the folder that holds `_index.xml`."""
    return os.path.join(prompts_folder(), "atoms")
