"""A lowered program in, facts out."""

from __future__ import annotations

from collections.abc import Iterable

from guard.facts import (
    Action,
    Argument,
    Binding,
    Call,
    Choice,
    Constant,
    Entry,
    Function,
    FunctionKind,
    FunctionValue,
    Import,
    Listing,
    Mapping,
    Name,
    Return,
    Setting,
    Span,
    Template,
    Unknown,
    Use,
    Value,
)
from guard.languages._lowered.names import UNKNOWN, Names, Reach, bare_type
from guard.languages._lowered.noting import Notes
from guard.languages._lowered.program import (
    Closure,
    Declare,
    Dialect,
    Drop,
    Either,
    Expression,
    Give,
    Given,
    Ident,
    Index,
    Invoke,
    Items,
    Join,
    Kind,
    Literal,
    Loop,
    Make,
    Member,
    Opaque,
    Pairs,
    Piece,
    Program,
    Routine,
    Store,
    This,
    Using,
)
from guard.languages._lowered.scopes import Scope, Sort, Survey, survey
from guard.languages._settings import flattened
from guard.regex import regex

_ATTRIBUTES = frozenset({"default", "normal", "override", "force_default", "force_override", "node"})
"""Whose elements are attributes of a machine in Chef: `default["haproxy"]["balance"]` (https://docs.chef.io/attributes/)."""
_OF_CONFIGURATION = regex(r"(?:[cC]onfig(?:uration)?|[sS]ettings|[cC]onnection|[pP]arams|[oO]ptions)$")
"""Ends of names of functions that give back configuration: `getDbConfig`."""
_CONFIGURATIONS = frozenset({"config", "configuration", "conf", "settings", "options"})
"""Names of what is taken for an application's configuration."""
_DEEPEST = 150
"""Levels of nested pieces that are looked into: Python's own stack is the limit, no person writes more."""
_LONGEST_NAME = 400


class Reading:
    """The facts of one program; `read` fills them in."""

    def __init__(self, program: Program, dialect: Dialect) -> None:
        self._program = program
        self._dialect = dialect
        self._survey: Survey = survey(program)
        self._names = Names(program, self._survey, dialect)
        self._notes = Notes(dialect)
        self._annotations: dict[str, tuple[Call | Name, ...]] = {}
        self._depth = 0

    def read(self) -> Reading:
        """Look at every piece once."""
        self._run(self._program.pieces, self._survey.module)
        return self

    @property
    def imports(self) -> tuple[Import, ...]:
        """The imports."""
        return tuple(self._survey.imports)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls, in source order."""
        return tuple(sorted(self._notes.calls, key=lambda call: (call.span.line, call.span.column)))

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """What is bound."""
        return tuple(self._notes.bindings)

    @property
    def returns(self) -> tuple[Return, ...]:
        """What routines give back."""
        return tuple(self._notes.returns)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Configuration in code."""
        return tuple(self._notes.settings)

    @property
    def uses(self) -> tuple[Use, ...]:
        """The uses worth telling."""
        return self._notes.uses(scope.id for scope in self._survey.scopes if not scope.is_type)

    @property
    def functions(self) -> tuple[Function, ...]:
        """The types, routines and closures."""
        return tuple(self._function(scope) for scope in self._survey.scopes)

    def _function(self, scope: Scope) -> Function:
        piece = scope.piece
        assert piece is not None  # noqa: S101 - only the file itself has none
        parameters = () if isinstance(piece, Kind) else piece.parameters
        holder = scope.of if scope.of is not None else scope.parent
        return Function(
            id=scope.id,
            name="" if isinstance(piece, Closure) else piece.name,
            parent=holder.id if holder is not None else "",
            kind=scope.kind or FunctionKind.FUNCTION,
            span=piece.span,
            parameters=tuple(parameter.name for parameter in parameters),
            parameter_types=tuple(bare_type(parameter.type) for parameter in parameters),
            decorators=self._annotations.get(scope.id, ()),
            bases=self._bases(piece, scope),
            exported=not isinstance(piece, Closure) and piece.exported,
            registered=self._notes.registered.get(scope.id),
        )

    def _bases(self, piece: Kind | Routine | Closure, scope: Scope) -> tuple[str, ...]:
        if not isinstance(piece, Kind):
            return ()
        around = scope.parent or scope
        return tuple(self._names.instance(base, around).path.removesuffix("()") for base in piece.bases)

    # -- pieces -------------------------------------------------------------------------------------------------------

    def _run(self, pieces: Iterable[Piece], scope: Scope) -> None:
        for piece in pieces:
            self._piece(piece, scope)

    def _piece(self, piece: Piece, scope: Scope) -> None:
        match piece:
            case Using():
                pass
            case Declare():
                self._declare(piece, scope)
            case Kind() | Routine():
                self._define(piece, scope)
            case Give(value=given, span=span):
                if given is not None:
                    self._give(self.value(given, scope), span, scope)
            case _:
                self.value(piece, scope)

    def _give(self, value: Value, span: Span, scope: Scope) -> None:
        self._notes.returns.append(Return(value, span, scope.id))
        gives_configuration = scope.kind is None or _OF_CONFIGURATION.search(scope.id.rpartition(".")[2]) is not None
        if gives_configuration and isinstance(value, Mapping):  # a file, or a function called so
            for entry in value.entries:
                if entry.key is not None:
                    self._notes.settings += flattened((entry.key,), entry.value, entry.span, scope.id)

    def _define(self, piece: Kind | Routine, scope: Scope) -> None:
        made = self._survey.scope_of(piece)
        if made is None:
            return
        self._annotations[made.id] = self._notes_of(piece.notes, scope)
        if isinstance(piece, Kind):
            self._run(piece.members, made)
            return
        self._body(piece.body, made, gives=piece.gives)

    def _body(self, body: tuple[Piece, ...], made: Scope, *, gives: bool) -> None:
        if gives and len(body) == 1 and not isinstance(body[0], Using | Declare | Routine | Kind | Give):
            self._notes.returns.append(Return(self.value(body[0], made), body[0].span, made.id))
        else:
            self._run(body, made)

    def _notes_of(self, notes: tuple[Expression, ...], scope: Scope) -> tuple[Call | Name, ...]:
        """Annotations, which are no calls that anybody makes."""
        quiet = len(self._notes.calls)
        values = tuple(self.value(note, scope) for note in notes)
        del self._notes.calls[quiet:]
        return tuple(value for value in values if isinstance(value, Call | Name))

    def _declare(self, piece: Declare, scope: Scope) -> None:
        zero = self._dialect.zero.get(bare_type(piece.type))
        value = self.value(piece.value, scope) if piece.value is not None else Unknown("") if zero is None else Constant(zero)
        single = isinstance(scope.piece, Kind) and scope.piece.single
        self._notes.bindings.append(
            Binding(
                name=piece.name,
                owner=scope.id,
                value=value,
                span=piece.span,
                scope="" if scope.is_type else scope.id,
                instance=scope.is_type and not piece.shared and not single,
                constant=piece.constant,
                exported=piece.exported,
                type=piece.type,
            )
        )

    # -- expressions --------------------------------------------------------------------------------------------------

    def value(self, piece: Expression, scope: Scope) -> Value:
        """The value of an expression; calls and uses inside it are noted."""
        if self._depth >= _DEEPEST:
            return Unknown("")
        self._depth += 1
        try:
            return self._value(piece, scope)
        finally:
            self._depth -= 1

    def _value(self, piece: Expression, scope: Scope) -> Value:
        match piece:
            case Literal(value=value):
                return Constant(value)
            case Ident() | This():
                return self._name(piece, scope)
            case Member():
                return self._member(piece, scope)
            case Index():
                return self._index(piece, scope)
            case Invoke() | Make():
                return self._call(piece, scope)
            case Closure():
                return self._closure(piece)
            case Store():
                return self._store(piece, scope)
            case Drop() | Loop():
                return self._content(piece, scope)
            case _:
                return self._composed(piece, scope)

    def _composed(self, piece: Join | Either | Pairs | Items | Opaque, scope: Scope) -> Value:
        match piece:
            case Join(parts=parts):
                return Template(tuple(self.value(part, scope) for part in parts))
            case Either(options=options, condition=condition):
                if condition is not None:
                    self.value(condition, scope)
                return Choice(tuple(self.value(option, scope) for option in options))
            case Pairs():
                return self._pairs(piece, scope)
            case Items(items=items):
                return Listing(tuple(self.value(item, scope) for item in items))
            case Opaque(parts=parts, text=text):
                self._run(parts, scope)
                return Unknown(text[:80])

    def _content(self, piece: Drop | Loop, scope: Scope) -> Value:
        """Content is taken out, or read one by one."""
        self._through(piece.of, scope)
        drops = isinstance(piece, Drop)
        action, method = (Action.REMOVE, "delete") if drops else (Action.READ, "for")
        key = self.value(piece.key, scope) if isinstance(piece, Drop) and piece.key is not None else None
        self._notes.tell(self._names.reach(piece.of, scope), action, piece.span, scope, method, key)
        return Unknown("")

    def _name(self, piece: Ident | This, scope: Scope) -> Value:
        found = self._names.reach(piece, scope)
        self._notes.tell(found, Action.READ, piece.span, scope)
        return Name(found.told) if not found.told.startswith(UNKNOWN) else Unknown("")

    def _through(self, piece: Expression, scope: Scope) -> Value:
        """What stands before a member or in a loop: evaluated, but not read as a whole."""
        match piece:
            case Ident() | This():
                return Name(self._names.reach(piece, scope).told)
            case Member(of=of):
                self._through(of, scope)
                return Name(self._names.reach(piece, scope).told)
            case _:
                return self.value(piece, scope)

    def _member(self, piece: Member, scope: Scope) -> Value:
        self._through(piece.of, scope)
        found = self._names.reach(piece, scope)
        self._notes.tell(found, Action.READ, piece.span, scope)
        return Name(found.told) if not found.told.startswith(UNKNOWN) else Unknown("")

    def _index(self, piece: Index, scope: Scope) -> Value:
        self._through(piece.of, scope)
        key = None if piece.key is None else self.value(piece.key, scope)
        found = self._names.reach(piece, scope)
        self._notes.tell(found, Action.READ, piece.span, scope, "[]", key)
        return Name(found.path) if not found.path.startswith(UNKNOWN) else Unknown("")

    def _pairs(self, piece: Pairs, scope: Scope) -> Value:
        entries: list[Entry] = []
        for pair in piece.entries:
            key = None if pair.key is None else self.value(pair.key, scope)
            text = str(key.value) if isinstance(key, Constant) else None
            entries.append(Entry(text, self.value(pair.value, scope), pair.span))
        return Mapping(tuple(entries))

    def _closure(self, piece: Closure) -> Value:
        made = self._survey.scope_of(piece)
        if made is None:
            return Unknown("")
        self._body(piece.body, made, gives=piece.gives)
        return FunctionValue(made.id)

    # -- calls --------------------------------------------------------------------------------------------------------

    def _call(self, piece: Invoke | Make, scope: Scope) -> Value:
        receiver: Value | None = None
        before: Reach | None = None
        method = ""
        if isinstance(piece, Make):
            found = self._names.reach(piece, scope)
            name = found.path.removesuffix("()")
        else:
            found = self._names.reach(piece.callee, scope)
            name = found.path
            if isinstance(piece.callee, Member):
                receiver = self._through(piece.callee.of, scope)
                before, method = self._names.reach(piece.callee.of, scope), piece.callee.name
            elif not isinstance(piece.callee, Ident):
                receiver = self.value(piece.callee, scope)
            else:
                self._notes.tell(found, Action.READ, piece.span, scope, "()")
        arguments = tuple(self._argument(given, scope) for given in piece.given)
        call = Call(name[:_LONGEST_NAME].removeprefix("?."), arguments, piece.span, scope.id, receiver)
        self._notes.calls.append(call)
        for argument in arguments:
            self._notes.register(argument.value, call)
        if before is not None:
            self._notes.method(before, method, arguments, piece.span, scope, key=self._key_before(piece, scope))
        if isinstance(piece, Make) and piece.body is not None:
            self._define(piece.body, scope)
        return call

    def _argument(self, given: Given, scope: Scope) -> Argument:
        return Argument(given.name, self.value(given.value, scope))

    def _key_before(self, piece: Invoke | Make, scope: Scope) -> Value | None:
        """The key of the element whose method is called: `map.get(key).add(x)`, `map[key].add(x)`."""
        of = piece.callee.of if isinstance(piece, Invoke) and isinstance(piece.callee, Member) else None
        match of:
            case Index(key=key) if key is not None:
                return self._quietly(key, scope)
            case Invoke(callee=Member(name=name), given=(first, *_)) if name in self._dialect.elements:
                return self._quietly(first.value, scope)
            case _:
                return None

    def _quietly(self, piece: Expression, scope: Scope) -> Value | None:
        """A simple value once more, without noting it again."""
        match piece:
            case Literal(value=value):
                return Constant(value)
            case Ident() | Member():
                return Name(self._names.reach(piece, scope).told)
            case _:
                return None

    # -- assignments --------------------------------------------------------------------------------------------------

    def _store(self, piece: Store, scope: Scope) -> Value:
        value = Constant(1) if piece.value is None else self.value(piece.value, scope)
        target = piece.target
        if piece.operator == "=":
            path = _configured(target)
            self._notes.settings += flattened(path, value, piece.span, scope.id) if path else ()
        match target:
            case Ident():
                self._rebind(target, value, piece, scope)
            case Member(of=of):
                self._through(of, scope)
                self._rebind(target, value, piece, scope)
            case Index(of=of, key=key):
                self._through(of, scope)
                told = None if key is None else self.value(key, scope)
                method = "[]" if piece.operator == "=" else piece.operator
                method = "append" if key is None else method
                self._notes.change(self._names.reach(of, scope), piece.span, scope, method, told, value)
            case _:
                self.value(target, scope)
        return value

    def _rebind(self, target: Ident | Member, value: Value, piece: Store, scope: Scope) -> None:
        home = self._home(target, scope)
        if home is None:
            before = self._names.reach(target.of, scope) if isinstance(target, Member) else None
            if before is not None and before.owner is not None:  # a field of an element
                self._notes.tell(before, Action.MUTATE, piece.span, scope, piece.operator, None, value)
            return
        owner, name = home
        own = Reach(f"~{name}", owner, name)
        self._notes.tell(own, Action.REBIND, piece.span, scope, piece.operator, None, value)
        if self._fills_a_field(owner, scope) and piece.operator == "=":
            self._notes.bindings.append(Binding(name, owner, value, piece.span, scope.id, instance=True))

    def _home(self, target: Ident | Member, scope: Scope) -> tuple[str, str] | None:
        """Owner and name of the variable that an assignment sets, without what it stands for."""
        name = target.name
        if isinstance(target, Member):
            before = self._names.reach(target.of, scope)
            holders = self._names.lineage(before.of) if before.of is not None else []
        else:
            around = list(scope.around())
            holders = [one for outer in around for one in (self._names.lineage(outer) if outer.is_type else [outer])]
        for holder in holders:
            bounds = holder.names.get(name)
            if bounds:
                return (holder.id, name) if bounds[0].sort is Sort.VARIABLE else None
        return None

    def _fills_a_field(self, owner: str, scope: Scope) -> bool:
        """Whether a constructor gives a field its first value."""
        holder = scope.of
        name = scope.piece.name if isinstance(scope.piece, Routine) else ""
        return (
            holder is not None
            and holder.id == owner
            and (name in self._dialect.constructors or name == owner.rsplit(".", 1)[-1])
        )


def _configured(target: Expression) -> tuple[str, ...]:
    """The path of keys from an application's configuration on: `config.cache_store`, `app.settings["x"]`; else nothing."""
    keys: list[str] = []
    piece: Expression | None = target
    while piece is not None:
        match piece:
            case Member(of=of, name=name):
                keys.append(name)
                piece = of
            case Index(of=of, key=Literal(value=key)):
                keys.append(str(key))
                piece = of
            case Invoke(callee=callee, given=()):
                piece = callee
            case Ident(name=name):
                keys.append(name)
                piece = None
            case _:
                piece = None
    keys.reverse()
    if keys and keys[0] in _ATTRIBUTES and isinstance(target, Index):
        return tuple(keys)
    start = next((index for index, key in enumerate(keys[:-1]) if key.lower() in _CONFIGURATIONS), None)
    return () if start is None else tuple(keys[start:])
