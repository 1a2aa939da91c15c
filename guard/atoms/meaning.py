"""What an atom's checks mean in a change: sentences of our own beside the published ones, for atoms of which we know.

They lie in `prompts/meanings/`, a file an atom, and hang on the words of a check: where the atom says something else today, what was
said of the old words is left out, so that a prompt never contradicts its atom.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import Struct, ValidationError, convert

from guard.atoms import prompts_folder
from guard.atoms.atom import Atom
from guard.errors import AtomError


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A question in short, and a good answer to it."""

    seen: str
    code: str
    quote: str
    reason: str
    who_notices: str
    answer: str


class _Check(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    means: str


class Meaning(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of an atom: what breaks it, each check in practice, what does not break it, examples."""

    version: int = 0
    violation: str = ""
    checks: tuple[_Check, ...] = ()
    fine: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def by_text(self) -> Mapping[str, str]:
        """What a check means, by the atom's words for it."""
        return {check.text: check.means for check in self.checks}


def meaning_of(atom: Atom) -> Meaning:
    """What we know of an atom; nothing of most. Raises AtomError for a file that is wrong."""
    import tomllib

    path = os.path.join(prompts_folder(), "meanings", *atom.id.split("/")) + ".toml"
    try:
        with open(path, "rb") as stream:
            return convert(tomllib.load(stream), Meaning)
    except FileNotFoundError:
        return Meaning()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise AtomError(f"{path}: {error}") from None
