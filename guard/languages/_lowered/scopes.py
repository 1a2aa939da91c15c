"""The scopes of a lowered program and what each declares, known as a whole before a name is resolved."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from msgspec import Struct, field

from guard.facts import FunctionKind, Import
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Drop,
    Either,
    Expression,
    Give,
    Index,
    Invoke,
    Items,
    Join,
    Kind,
    Loop,
    Make,
    Member,
    Opaque,
    Pairs,
    Piece,
    Program,
    Routine,
    Store,
    Using,
)

_DEEPEST = 40
"""Scopes nested deeper than this are left out: no person writes them, and names would grow without bound."""


class Sort(Enum):
    """What makes a name stand for something."""

    IMPORT = "import"
    KIND = "kind"
    ROUTINE = "routine"
    PARAMETER = "parameter"
    VARIABLE = "variable"


class Bound(Struct, eq=False):
    """One thing a name stands for: `path` is an imported name or the id of a definition; a variable has type and value."""

    sort: Sort
    path: str = ""
    type: str = ""
    value: Expression | None = None
    scope: Scope | None = None
    """Where the value is evaluated."""
    element: bool = False
    """Whether the name stands for an element of the value."""
    shared: bool = False


class Scope(Struct, eq=False):
    """A file, type, routine or closure. Ids are paths of names."""

    id: str
    kind: FunctionKind | None = None
    parent: Scope | None = None
    piece: Kind | Routine | Closure | None = None
    depth: int = 0
    names: dict[str, list[Bound]] = field(default_factory=dict)
    of: Scope | None = None
    """The type whose method this is."""
    receiver: str = ""
    elsewhere: bool = False
    """Whether this is a type of another file, of which nothing but its name is known."""

    @property
    def is_type(self) -> bool:
        """Whether this is a type."""
        return self.kind is FunctionKind.CLASS

    def bind(self, name: str, bound: Bound) -> None:
        """Let a name stand for one more thing."""
        self.names.setdefault(name, []).append(bound)

    def around(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first; a method's type counts as around it wherever the method stands."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            if scope.of is not None and scope.of is not scope.parent:
                yield scope.of
            scope = scope.parent

    def type_around(self) -> Scope | None:
        """The type whose object `this` is here."""
        return next((scope for scope in self.around() if scope.is_type), None)


class Survey(Struct, eq=False):
    """What the first pass finds."""

    module: Scope
    scopes: list[Scope] = field(default_factory=list)
    opened: dict[int, Scope] = field(default_factory=dict)
    """The scope that a piece opens, by the piece's `id()`: pieces live as long as the program they are part of."""
    types: dict[str, Scope] = field(default_factory=dict)
    """Types by their own names; the first of a name."""
    imports: list[Import] = field(default_factory=list)

    def scope_of(self, piece: Kind | Routine | Closure) -> Scope | None:
        """The scope that a piece opens."""
        return self.opened.get(id(piece))


def survey(program: Program) -> Survey:
    """The scopes of a program with what they declare, without recursion: sources nest deeper than Python's stack."""
    found = Survey(Scope(""))
    taken: set[str] = set()
    outside: list[Scope] = []
    waiting: list[tuple[Piece, Scope]] = [(piece, found.module) for piece in reversed(program.pieces)]
    while waiting:
        piece, scope = waiting.pop()
        inner = scope
        match piece:
            case Kind() | Routine() | Closure():
                opened = _open(piece, scope, found, taken)
                if opened is None:
                    continue
                inner = opened
                if isinstance(piece, Routine) and piece.of:
                    outside.append(inner)
            case Using():
                found.imports.append(Import(piece.name, piece.local, piece.span))
                found.module.bind(piece.local, Bound(Sort.IMPORT, piece.name))
            case Declare():
                scope.bind(
                    piece.name, Bound(Sort.VARIABLE, type=piece.type, value=piece.value, scope=scope, shared=piece.shared)
                )
            case Loop():
                for name in piece.names:
                    scope.bind(name, Bound(Sort.VARIABLE, value=piece.of, scope=scope, element=True))
            case _:
                pass
        waiting.extend((child, inner) for child in reversed(children(piece)))
    for scope in outside:
        if isinstance(scope.piece, Routine):
            scope.of = found.types.get(scope.piece.of) or Scope(scope.piece.of, FunctionKind.CLASS, elsewhere=True)
            if not scope.of.elsewhere:
                scope.of.bind(scope.piece.name, Bound(Sort.ROUTINE, scope.id))
    return found


def _open(piece: Kind | Routine | Closure, parent: Scope, found: Survey, taken: set[str]) -> Scope | None:
    if parent.depth >= _DEEPEST:
        return None
    name = "" if isinstance(piece, Closure) else piece.name
    made = Scope(_free_id(name, piece, parent, taken), _kind(piece, parent), parent, piece, parent.depth + 1)
    found.scopes.append(made)
    found.opened[id(piece)] = made
    if isinstance(piece, Kind):
        if piece.name:
            found.types.setdefault(piece.name, made)
        parent.bind(name, Bound(Sort.KIND, made.id))
    else:
        made.of = parent if made.kind is FunctionKind.METHOD else None
        made.receiver = piece.receiver if isinstance(piece, Routine) else ""
        constructs = isinstance(parent.piece, Kind) and name == parent.piece.name  # which stands for the type
        if isinstance(piece, Routine) and not piece.of and not constructs:
            parent.bind(name, Bound(Sort.ROUTINE, made.id))
        for parameter in piece.parameters:
            made.bind(parameter.name, Bound(Sort.PARAMETER, parameter.name, type=parameter.type, scope=made))
    return made


def _kind(piece: Kind | Routine | Closure, parent: Scope) -> FunctionKind:
    if isinstance(piece, Kind):
        return FunctionKind.CLASS
    return FunctionKind.METHOD if isinstance(piece, Routine) and (parent.is_type or piece.of) else FunctionKind.FUNCTION


def _free_id(name: str, piece: Kind | Routine | Closure, parent: Scope, taken: set[str]) -> str:
    """The id of a new scope; a second one of the same name is told apart by its line, then by its column."""
    holder = piece.of if isinstance(piece, Routine) and piece.of else parent.id
    prefix = f"{holder}." if holder else ""
    line, column = piece.span.line, piece.span.column
    choices = [prefix + choice for choice in (name or f"<{line}>", f"{name}<{line}>", f"{name}<{line}:{column}>")]
    chosen = next((choice for choice in choices if choice not in taken), choices[-1])
    taken.add(chosen)
    return chosen


def children(piece: Piece) -> tuple[Piece, ...]:
    """The pieces directly inside a piece, in source order."""
    match piece:
        case Routine(body=parts) | Closure(body=parts) | Kind(members=parts) | Opaque(parts=parts):
            return parts
        case Declare(value=value) | Give(value=value):
            return _there(value)
        case Using():
            return ()
        case _:
            return _operands(piece)


def _operands(piece: Expression) -> tuple[Piece, ...]:
    match piece:
        case Member(of=of) | Loop(of=of):
            return (of,)
        case Index(of=of, key=other) | Drop(of=of, key=other) | Store(target=of, value=other):
            return (of, *_there(other))
        case Invoke(callee=callee, given=given):
            return (callee, *(argument.value for argument in given))
        case Make(given=given, body=body):
            return (*(argument.value for argument in given), *_there(body))
        case Join(parts=parts) | Items(items=parts):
            return parts
        case Either(options=options, condition=condition):
            return (*_there(condition), *options)
        case Pairs(entries=entries):
            return tuple(part for entry in entries for part in (*_there(entry.key), entry.value))
        case _:
            return ()


def _there(piece: Piece | None) -> tuple[Piece, ...]:
    return () if piece is None else (piece,)
