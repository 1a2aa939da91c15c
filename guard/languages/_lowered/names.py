"""What names and chains of members stand for. Nothing is noted here; answers are remembered by the piece."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from guard.languages._lowered.program import (
    Dialect,
    Expression,
    Give,
    Ident,
    Index,
    Invoke,
    Kind,
    Literal,
    Make,
    Member,
    Piece,
    Program,
    Routine,
    Store,
    This,
)
from guard.languages._lowered.scopes import Bound, Scope, Sort, Survey

UNKNOWN = "?"
_DEEPEST = 150
"""Steps of a chain, and names that stand for each other, that are followed."""
_LONGEST = 300
"""Characters of a resolved name; longer chains are written by programs."""
_MARKS = re.compile(r"<.*>|\[[^\]]*\]|[?*&!\s]|\.\.\.")
"""What surrounds the name of a type: its parameters, arrays, pointers, nullability."""


class Reach(Struct, frozen=True):
    """Where a name or a chain has come to.

    `path` is the resolved name. `owner` and `name` are those of the binding whose content is reached, `owner` None if it is none.
    `of` is the type of this file whose members come next, `on_type` whether they are asked of the type itself. `bare` is the
    name as a value.
    """

    path: str
    owner: str | None = None
    name: str = ""
    of: Scope | None = None
    on_type: bool = False
    bare: str = ""

    @property
    def told(self) -> str:
        """The name as a value."""
        return self.bare or self.path


NOWHERE = Reach(UNKNOWN)


class Names:
    """Resolves names of one program."""

    def __init__(self, program: Program, survey: Survey, dialect: Dialect) -> None:
        self._survey = survey
        self._dialect = dialect
        self._star = program.stars[0] if len(program.stars) == 1 else ""
        self._by_id = {scope.id: scope for scope in survey.scopes}
        self._reached: dict[tuple[int, str], Reach] = {}
        self._known: dict[tuple[str, str], Reach] = {}
        self._getters = _getters(survey)
        self._depth = 0

    def reach(self, piece: Expression, scope: Scope) -> Reach:
        """What an expression reaches."""
        key = (id(piece), scope.id)
        known = self._reached.get(key)
        if known is None:
            if self._depth >= _DEEPEST:
                return NOWHERE
            self._depth += 1
            try:
                known = self._found(piece, scope)
            finally:
                self._depth -= 1
            known = known if len(known.path) <= _LONGEST else replace(NOWHERE, owner=known.owner, name=known.name)
            self._reached[key] = known
        return known

    def _found(self, piece: Expression, scope: Scope) -> Reach:
        match piece:
            case Ident(name=name):
                return self.lookup(scope, name)
            case This():
                return Reach("%this", of=scope.type_around(), bare="%this")
            case Member(of=of, name=name):
                return self.member(self.reach(of, scope), name)
            case Index(of=of):
                found = self.reach(of, scope)
                return Reach(f"{found.path}[]", found.owner, found.name)
            case Invoke(callee=callee):
                return self.result(self.reach(callee, scope), callee)
            case Make(type=type_):
                return self.instance(type_, scope)
            case Literal(value=value):
                return Reach({str: "str", bool: "bool", int: "int", float: "float"}.get(type(value), UNKNOWN))
            case _:
                return NOWHERE

    # -- names --------------------------------------------------------------------------------------------------------

    def lookup(self, scope: Scope, name: str) -> Reach:
        """What a name stands for in a scope."""
        for around in scope.around():
            if around.receiver and name == around.receiver:
                return Reach("%this", of=around.of, bare="%this")
            found = self._member_of(around, name) if around.is_type else self._in_scope(around, name)
            if found is not None:
                return found
        if self._dialect.open_files and name not in self._dialect.builtins:
            return Reach(name, "", name, bare=name)
        path = f"{self._star}.{name}" if self._star and name[:1].isupper() else name
        return Reach(path, bare=path)

    def _in_scope(self, scope: Scope, name: str) -> Reach | None:
        bounds = scope.names.get(name)
        if not bounds:
            return None
        key = (scope.id, name)
        known = self._known.get(key)
        if known is None:
            self._known[key] = Reach(f"~{name}", scope.id, name, bare=f"~{name}")  # while it is being found out
            known = self._known[key] = self._meaning(scope, name, bounds)
        return known

    def _member_of(self, of: Scope, name: str) -> Reach | None:
        """A field, method or inner type of a type or of those of its bases that stand in this file."""
        for holder in self.lineage(of):
            bounds = holder.names.get(name)
            if not bounds:
                continue
            key = (holder.id, f".{name}")
            known = self._known.get(key)
            if known is None:
                self._known[key] = Reach(f"~{holder.id}.{name}", holder.id, name, bare=f"~{holder.id}.{name}")
                known = self._known[key] = self._meaning(holder, name, bounds)
            return known
        return None

    def lineage(self, of: Scope) -> list[Scope]:
        """A type and those of its bases that stand in this file."""
        found = [of]
        for scope in found:
            bases = scope.piece.bases if isinstance(scope.piece, Kind) else ()
            known = (self._survey.types.get(bare_type(base)) for base in bases)
            found += [base for base in known if base is not None and base not in found]
        return found[:20]

    def _meaning(self, home: Scope, name: str, bounds: list[Bound]) -> Reach:
        first = bounds[0]
        plain = f"~{home.id}.{name}" if home.is_type else f"~{name}"
        match first.sort:
            case Sort.IMPORT:
                return Reach(first.path, bare=first.path)
            case Sort.KIND:
                return Reach(f"~{first.path}", of=self._by_id.get(first.path), on_type=True, bare=f"~{first.path}")
            case Sort.ROUTINE:
                given = self._getters.get(f"~{first.path}") if self._dialect.calls_by_name else None
                return self.reach(*given) if given is not None else Reach(f"~{first.path}", bare=f"~{first.path}")
            case Sort.PARAMETER:
                typed = self._typed(first.type, home)
                return replace(typed, owner=None, bare=f"%{name}") if typed is not None else Reach(f"%{name}", bare=f"%{name}")
            case Sort.VARIABLE:
                return self._variable(Reach(plain, home.id, name, bare=plain), bounds, home)

    def _variable(self, plain: Reach, bounds: list[Bound], home: Scope) -> Reach:
        """A variable: the one value it is given, else an object of its declared type."""
        values = [bound for bound in bounds if bound.value is not None]
        if len(values) == 1 and values[0].value is not None and values[0].scope is not None:
            found = self.reach(values[0].value, values[0].scope)
            found = replace(found, path=f"{found.path}[]", of=None) if values[0].element else found
            if not found.path.startswith(UNKNOWN) or found.owner is not None:
                return self._standing_for(plain, found, values[0], local=not home.is_type and home.kind is not None)
        typed = next((typed for bound in bounds if (typed := self._typed(bound.type, home)) is not None), None)
        return plain if typed is None else replace(plain, path=typed.path, of=typed.of)

    def _standing_for(self, plain: Reach, found: Reach, bound: Bound, *, local: bool) -> Reach:
        shares = found.owner is not None and (local or isinstance(bound.value, Ident | Member))
        literal = isinstance(bound.value, Literal)
        return Reach(
            plain.path if literal or found.path.startswith(UNKNOWN) else found.path,
            found.owner if shares else plain.owner,
            found.name if shares else plain.name,
            of=found.of,
            on_type=found.on_type,
            bare=plain.bare,
        )

    def _typed(self, type_: str, scope: Scope) -> Reach | None:
        """An object of a declared type; None where the type says nothing."""
        name = bare_type(type_)
        return self.instance(name, scope) if name[:1].isupper() or "." in name or name in self._survey.types else None

    def instance(self, type_: str, scope: Scope) -> Reach:
        """An object of a type."""
        name = bare_type(type_)
        head, *rest = name.split(".")
        found = self.lookup(scope, head)
        for part in rest:
            found = self.member(found, part)
        path = f"{found.path}()"
        return Reach(path, of=found.of if found.on_type else None, bare=path)

    # -- chains -------------------------------------------------------------------------------------------------------

    def member(self, found: Reach, name: str) -> Reach:
        """A member of what was reached; those of types of this file are looked up."""
        known = self._member_of(found.of, name) if found.of is not None else None
        if known is not None:
            return known
        path = f"{found.path}.{name}"
        if found.of is not None and found.of.elsewhere and found.path == "%this":
            return Reach(path, found.of.id, name, bare=path)
        if path in self._survey.module.names:  # a property that the file makes on something of another file
            return Reach(path, "", path, bare=path)
        return Reach(path, None if found.on_type or found.path == "%this" else found.owner, found.name, bare=path)

    def result(self, found: Reach, callee: Expression) -> Reach:
        """What a call of what was reached gives back."""
        path = f"{found.path}()"
        given = self._getters.get(found.path)
        if given is not None:
            return self.reach(*given)
        of = found.of if found.on_type else None
        keeps = found.owner is not None and isinstance(callee, Member) and callee.name in self._dialect.elements
        return Reach(path, found.owner, found.name, of=of) if keeps else Reach(path, of=of, bare=path)


def _getters(survey: Survey) -> dict[str, tuple[Expression, Scope]]:
    """What routines that only give back a field stand for, by their resolved names."""
    found: dict[str, tuple[Expression, Scope]] = {}
    for scope in survey.scopes:
        piece = scope.piece
        if isinstance(piece, Routine) and not piece.parameters and len(piece.body) == 1:
            field = _given_back(piece.body[0], gives=piece.gives)
            if field is not None:
                found[f"~{scope.id}"] = (field, scope)
    return found


def _given_back(piece: Piece, *, gives: bool) -> Ident | Member | None:
    """The field that the only piece of a routine gives back."""
    match piece:
        case Give(value=Ident() | Member(of=This()) as field):
            return field
        case Store(target=Ident() | Member(of=This()) as field, operator="||=" | "??="):
            return field
        case Ident() | Member(of=This()) if gives:
            return piece
        case _:
            return None


def bare_type(type_: str) -> str:
    """The name of a type without its parameters, arrays, pointers and nullability."""
    return _MARKS.sub("", type_)
