"""Names that one file declares and others use by importing it: whose uses are of which binding.

What a file does with another's container is looked at together with what that one does itself: its functions are taken over
with ids of their own, so that two functions of one name stay two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from guard.analyses._runtime import Runs, runtime
from guard.analyses._side import by_path, paths_of
from guard.facts import Action, Call, Facts, Function, Use
from guard.gathered import gathered
from guard.modules import Paths, homes

_MOST_USERS = 20
"""Files that are looked at together with the one that declares what they use."""


_MOST_FILES_OF_A_PACKAGE = 60
"""Known files of one folder in which a name of a package of Go is looked up."""


class Link(Struct, frozen=True):
    """A use in another file of what a file declares: the binding by its owner and name."""

    user: Facts
    use: Use
    owner: str
    name: str


def links_to(facts: Facts, neighbours: tuple[Facts, ...]) -> tuple[Link, ...]:
    """The uses in other files of what this one declares."""
    return _links(frozenset((facts, *neighbours))).get(facts, ()) if neighbours else ()


@gathered(most=4)
def _links(side: frozenset[Facts]) -> dict[Facts, tuple[Link, ...]]:
    """All links between the files of a side: gathered once, asked for each file."""
    paths, known_files = paths_of(side), by_path(side)
    found: dict[Facts, list[Link]] = defaultdict(list)
    for user in sorted(side, key=lambda facts: facts.path):
        known: dict[str, tuple[Facts, str, str] | None] = {}
        for use in user.uses:
            if use.owner != "?":
                continue
            if use.name not in known:
                known[use.name] = _declared(use.name, user, paths, known_files)
            declared = known[use.name]
            if declared is not None:
                found[declared[0]].append(Link(user, use, declared[1], declared[2]))
    return {facts: tuple(links) for facts, links in found.items()}


def _declared(name: str, user: Facts, paths: Paths, files: Mapping[str, Facts]) -> tuple[Facts, str, str] | None:
    """The file, owner and name of what a resolved name stands for, if one of these files binds it."""
    for path, rest in homes(name, user.path, user.language, paths, _MOST_FILES_OF_A_PACKAGE):
        facts, stem = files[path], path.rsplit("/", 1)[-1].split(".", 1)[0]
        first, _, following = rest.partition(".")
        for key in (("", rest), ("", f"exports.{rest}"), (first, following), (stem, rest)):
            if key[1] and key in facts.bindings_by_name:
                return facts, *key
    return None


def taken_over(links: tuple[Link, ...]) -> Iterator[tuple[Facts, str]]:
    """The files that use what a file declares, each with the beginning of the ids that its functions get."""
    users = dict.fromkeys(link.user for link in links)
    yield from ((user, f"{number}/") for number, user in enumerate(users, 1) if number <= _MOST_USERS)


def in_its_words(user: Facts, mark: str, links: tuple[Link, ...]) -> Facts:
    """The facts of a user of a file, with ids that no function of that has, and its uses as those of the file's bindings."""
    linked = {link.use: (link.owner, link.name) for link in links if link.user is user}
    return replace(
        user,
        lines=(),
        functions=tuple(_function(one, mark) for one in user.functions),
        calls=tuple(_call(one, mark) for one in user.calls),
        bindings=tuple(
            replace(one, owner=_id(one.owner, mark), scope=_id(one.scope, mark)) for one in user.bindings if one.owner
        ),
        uses=tuple(
            replace(one, owner=linked[one][0], name=linked[one][1], scope=_id(one.scope, mark))
            if one in linked
            else replace(one, owner=_id(one.owner, mark), scope=_id(one.scope, mark))
            for one in user.uses
        ),
        returns=tuple(replace(one, scope=_id(one.scope, mark)) for one in user.returns),
    )


def _id(scope: str, mark: str) -> str:
    """A scope of another file; its module is one that runs when it is loaded."""
    return scope if scope == "?" else f"{mark}{scope}"


def _function(function: Function, mark: str) -> Function:
    registered = function.registered
    return replace(
        function,
        id=_id(function.id, mark),
        parent=_id(function.parent, mark) if function.parent else "",
        registered=replace(registered, scope=_id(registered.scope, mark)) if registered is not None else None,
    )


def _call(call: Call, mark: str) -> Call:
    """A call of another file's own functions is none of this one's, whatever they are called."""
    return replace(call, name=call.name.replace("~", "", 1), scope=_id(call.scope, mark))


def for_requests(user: Facts, mark: str) -> Iterator[str]:
    """The ids of the functions that run with requests, as they are there."""
    yield from (_id(scope, mark) for scope, when in runtime(user).items() if scope and when is Runs.REQUEST)


def writes(link: Link) -> bool:
    """Whether a use changes what another file declares."""
    return link.use.action in {Action.MUTATE, Action.REBIND}
