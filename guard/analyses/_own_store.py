"""Objects that say of themselves that they store, and have nothing but this process's memory to store in."""

from __future__ import annotations

from guard.analyses import _idioms as idioms
from guard.analyses._containers import bare
from guard.analyses._stories import Story
from guard.facts import Facts, Function, last_segment, notes_of
from guard.regex import regex

_IN_MEMORY = regex(
    r"(?:In)?Memory\w*(?:Store|Storage|Repository|Repo|Database|DB|Backend|Queue|Broker)$|\w+(?:Store|Storage|Repository)InMemory$"
)
"""Names of types that say that they store, and where."""
_STORES = regex(r"(?:Repository|Store|Dao|DAO|Storage)$")
"""Ends of names of interfaces whose objects keep what they are given."""
_INTERFACE = regex(r"I[A-Z]")
_NO_DATA = regex(
    r"I?(?:MemoryCache|ObjectCache|Logger|Options\w*|TimeProvider|Clock)\b|MemoryCacheEntryOptions|TimeSpan|JsonSerializerOptions"
    r"|(?:string|int|long|bool|object)\b|SemaphoreSlim|$"
)
"""Types of what a store needs around its cache, and that could load nothing."""


def says_it_stores(story: Story, facts: Facts) -> bool:
    """Whether an object that a container makes once says that it stores, and this is where.

    `class Books : BookRepository` says so, and `class InMemoryCodes implements Codes` says where, too. The cache of the
    process is there once, however often the object that stores in it is made.
    """
    owner = facts.function_by_id.get(story.shared.binding.owner)
    if owner is None:
        return False
    if story.shared.sure and _IN_MEMORY.match(owner.name):
        return True  # of which there is one object
    stores = any(_STORES.search(base) for base in owner.bases)
    if bare(story.shared.binding.type) in idioms.CACHES_OF_THE_PROCESS:
        return stores and _has_nothing_else(owner, facts)
    if not owner.bases or not (stores or owner.name.startswith("InMemory")):
        return False
    return bool(notes_of(owner) & idioms.ONE_OBJECT)


def _has_nothing_else(owner: Function, facts: Facts) -> bool:
    """Whether a class is no other's child and is given no database, no client and no other store that could have what it is asked for."""
    if not all(_INTERFACE.match(last_segment(base)) for base in owner.bases):
        return False
    held = (binding.type for binding in facts.bindings if binding.owner == owner.id)
    makers = (f for f in facts.functions if f.id == owner.id or (f.parent == owner.id and f.name == owner.name))
    given = (kind for maker in makers for kind in maker.parameter_types)
    return all(_NO_DATA.match(last_segment(kind)) for kind in (*held, *given))
