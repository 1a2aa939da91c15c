"""The pieces that programs are lowered into. Control flow is dropped: what stands in a branch or a loop stands in a row.

Declarations say how long what they name lives by where they stand: in a file, in a type, in a routine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from guard.facts import Span

# -- expressions ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Literal:
    """A constant."""

    value: str | int | float | bool | None
    span: Span


@dataclass(slots=True, eq=False)
class Ident:
    """A name alone: a variable, a field with `this` left out, a type, a package."""

    name: str
    span: Span


@dataclass(slots=True, eq=False)
class This:
    """The object whose method runs."""

    span: Span


@dataclass(slots=True, eq=False)
class Member:
    """`of.name`."""

    of: Expression
    name: str
    span: Span


@dataclass(slots=True, eq=False)
class Index:
    """`of[key]`; a key of None appends (`list[] = x`)."""

    of: Expression
    key: Expression | None
    span: Span


@dataclass(slots=True, eq=False)
class Given:
    """One argument; `name` is its keyword, "*" for a spread."""

    name: str | None
    value: Expression


@dataclass(slots=True, eq=False)
class Invoke:
    """A call of what `callee` is."""

    callee: Expression
    given: tuple[Given, ...]
    span: Span


@dataclass(slots=True, eq=False)
class Make:
    """An object of a type; `body` is an anonymous type's."""

    type: str
    given: tuple[Given, ...]
    span: Span
    body: Kind | None = None


@dataclass(slots=True, eq=False)
class Closure:
    """A function without a name of its own. A `value` is given back."""

    parameters: tuple[Parameter, ...]
    body: tuple[Piece, ...]
    span: Span
    gives: bool = False
    """Whether the body is one expression, whose value is given back."""


@dataclass(slots=True, eq=False)
class Store:
    """`target = value`, `target += value`, `target++` (without a value)."""

    target: Expression
    value: Expression | None
    span: Span
    operator: str = "="


@dataclass(slots=True, eq=False)
class Drop:
    """`delete(of, key)`, `unset(of[key])`: content is taken out."""

    of: Expression
    key: Expression | None
    span: Span


@dataclass(slots=True, eq=False)
class Loop:
    """What a container holds is read one by one; `names` are bound to its elements."""

    of: Expression
    names: tuple[str, ...]
    span: Span


@dataclass(slots=True, eq=False)
class Join:
    """Text made of pieces."""

    parts: tuple[Expression, ...]
    span: Span


@dataclass(slots=True, eq=False)
class Either:
    """One of several values, by a condition or by what is there."""

    options: tuple[Expression, ...]
    span: Span
    condition: Expression | None = None


@dataclass(slots=True, eq=False)
class Pair:
    """One key of a mapping."""

    key: Expression | None
    value: Expression
    span: Span


@dataclass(slots=True, eq=False)
class Pairs:
    """A mapping that is written out."""

    entries: tuple[Pair, ...]
    span: Span
    type: str = ""


@dataclass(slots=True, eq=False)
class Items:
    """A list that is written out."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(slots=True, eq=False)
class Opaque:
    """Anything else: its parts are looked at, it stands for nothing."""

    parts: tuple[Piece, ...]
    text: str
    span: Span


# -- statements and declarations --------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Using:
    """An import. `local` is bound to `name`; "*" binds whatever the package has."""

    name: str
    local: str
    span: Span


@dataclass(slots=True, eq=False)
class Declare:
    """A variable or field. `shared` says that all objects of its type have it in common (`static`)."""

    name: str
    span: Span
    type: str = ""
    value: Expression | None = None
    shared: bool = False
    constant: bool = False
    exported: bool = False
    notes: tuple[Expression, ...] = ()
    """Annotations."""


@dataclass(slots=True, eq=False)
class Parameter:
    """A parameter of a routine."""

    name: str
    type: str = ""
    notes: tuple[Expression, ...] = ()


@dataclass(slots=True, eq=False)
class Routine:
    """A function, method or constructor. `of` names the type that it is a method of where it stands outside of it."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Piece, ...]
    span: Span
    notes: tuple[Expression, ...] = ()
    shared: bool = False
    exported: bool = False
    of: str = ""
    receiver: str = ""
    """The name by which it calls the object whose method it is, where that is no word of the language."""
    gives: bool = False
    """Whether the body is one expression, whose value is given back."""


@dataclass(slots=True, eq=False)
class Kind:
    """A type: a class, an object, a struct, an interface. Members of a `single` one are shared: there is one object of it."""

    name: str
    members: tuple[Piece, ...]
    span: Span
    bases: tuple[str, ...] = ()
    notes: tuple[Expression, ...] = ()
    exported: bool = False
    single: bool = False


@dataclass(slots=True, eq=False)
class Give:
    """A routine gives a value back."""

    value: Expression | None
    span: Span


Expression = (
    Literal
    | Ident
    | This
    | Member
    | Index
    | Invoke
    | Make
    | Closure
    | Store
    | Drop
    | Loop
    | Join
    | Either
    | Pairs
    | Items
    | Opaque
)
Piece = Expression | Using | Declare | Routine | Kind | Give


@dataclass(slots=True, eq=False)
class Program:
    """A whole file."""

    pieces: tuple[Piece, ...]
    stars: tuple[str, ...] = ()
    """Packages of which everything is imported."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the methods of a language's containers do."""

    changers: frozenset[str]
    """Methods that change content."""
    keyed: frozenset[str]
    """Those of them that take a key and a value."""
    removers: frozenset[str]
    """Methods that take content out."""
    elements: frozenset[str]
    """Methods that give an element, which a later change of it changes in place."""
    unkeyed: frozenset[str]
    """Changers whose first argument says nothing about the place."""
    constructors: frozenset[str] = frozenset()
    """Names of routines that make an object."""
    zero: dict[str, int | bool] = field(default_factory=dict)
    """What a variable of a type holds that nobody gave a value."""
    open_files: bool = False
    """Whether the files of a folder are one: a name that a file does not declare may be another one's variable or type."""
    builtins: frozenset[str] = frozenset()
    """Names that nobody declares."""
    calls_by_name: bool = False
    """Whether a name alone calls a routine."""
