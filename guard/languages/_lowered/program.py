"""The pieces that programs are lowered into. Control flow is dropped: what stands in a branch or a loop stands in a row.

Declarations say how long what they name lives by where they stand: in a file, in a type, in a routine.
"""

from __future__ import annotations

from msgspec import Struct, field

from guard.facts import Span

# -- expressions ------------------------------------------------------------------------------------------------------


class Literal(Struct, eq=False):
    """A constant."""

    value: str | int | float | bool | None
    span: Span


class Ident(Struct, eq=False):
    """A name alone: a variable, a field with `this` left out, a type, a package."""

    name: str
    span: Span


class This(Struct, eq=False):
    """The object whose method runs."""

    span: Span


class Member(Struct, eq=False):
    """`of.name`."""

    of: Expression
    name: str
    span: Span


class Index(Struct, eq=False):
    """`of[key]`; a key of None appends (`list[] = x`)."""

    of: Expression
    key: Expression | None
    span: Span


class Given(Struct, eq=False):
    """One argument; `name` is its keyword, "*" for a spread."""

    name: str | None
    value: Expression


class Invoke(Struct, eq=False):
    """A call of what `callee` is."""

    callee: Expression
    given: tuple[Given, ...]
    span: Span


class Make(Struct, eq=False):
    """An object of a type; `body` is an anonymous type's."""

    type: str
    given: tuple[Given, ...]
    span: Span
    body: Kind | None = None


class Closure(Struct, eq=False):
    """A function without a name of its own. A `value` is given back."""

    parameters: tuple[Parameter, ...]
    body: tuple[Piece, ...]
    span: Span
    gives: bool = False
    """Whether the body is one expression, whose value is given back."""


class Store(Struct, eq=False):
    """`target = value`, `target += value`, `target++` (without a value)."""

    target: Expression
    value: Expression | None
    span: Span
    operator: str = "="


class Drop(Struct, eq=False):
    """`delete(of, key)`, `unset(of[key])`: content is taken out."""

    of: Expression
    key: Expression | None
    span: Span


class Loop(Struct, eq=False):
    """What a container holds is read one by one; `names` are bound to its elements."""

    of: Expression
    names: tuple[str, ...]
    span: Span


class Join(Struct, eq=False):
    """Text made of pieces."""

    parts: tuple[Expression, ...]
    span: Span


class Either(Struct, eq=False):
    """One of several values, by a condition or by what is there."""

    options: tuple[Expression, ...]
    span: Span
    condition: Expression | None = None


class Pair(Struct, eq=False):
    """One key of a mapping."""

    key: Expression | None
    value: Expression
    span: Span


class Pairs(Struct, eq=False):
    """A mapping that is written out."""

    entries: tuple[Pair, ...]
    span: Span
    type: str = ""


class Items(Struct, eq=False):
    """A list that is written out."""

    items: tuple[Expression, ...]
    span: Span


class Opaque(Struct, eq=False):
    """Anything else: its parts are looked at, it stands for nothing."""

    parts: tuple[Piece, ...]
    text: str
    span: Span


# -- statements and declarations --------------------------------------------------------------------------------------


class Using(Struct, eq=False):
    """An import. `local` is bound to `name`; "*" binds whatever the package has."""

    name: str
    local: str
    span: Span


class Declare(Struct, eq=False):
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


class Parameter(Struct, eq=False):
    """A parameter of a routine."""

    name: str
    type: str = ""
    notes: tuple[Expression, ...] = ()


class Routine(Struct, eq=False):
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


class Kind(Struct, eq=False):
    """A type: a class, an object, a struct, an interface. Members of a `single` one are shared: there is one object of it."""

    name: str
    members: tuple[Piece, ...]
    span: Span
    bases: tuple[str, ...] = ()
    notes: tuple[Expression, ...] = ()
    exported: bool = False
    single: bool = False


class Give(Struct, eq=False):
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


class Program(Struct, eq=False):
    """A whole file."""

    pieces: tuple[Piece, ...]
    stars: tuple[str, ...] = ()
    """Packages of which everything is imported."""


class Dialect(Struct, frozen=True):
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
