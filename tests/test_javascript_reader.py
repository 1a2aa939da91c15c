"""The reader of JavaScript and TypeScript: names resolved, who makes, changes and reads what, and nothing that makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.facts import (
    Action,
    Binding,
    Call,
    Choice,
    Constant,
    Facts,
    FunctionKind,
    FunctionValue,
    Listing,
    Mapping,
    Name,
    Span,
    Template,
)
from guard.languages import read, reader_for


def facts_of(code: str, path: str = "app.js") -> Facts:
    """The facts of a text."""
    facts = read(path, code.encode())
    assert facts is not None
    return facts


def names(facts: Facts) -> list[str]:
    """The names of all calls, in source order."""
    return [call.name for call in facts.calls]


def uses(facts: Facts, name: str) -> list[tuple[str, Action, str, str]]:
    """Owner, action, method and scope of every use of a name."""
    return [(use.owner, use.action, use.method, use.scope) for use in facts.uses if use.name == name]


def binding(facts: Facts, name: str) -> Binding:
    """The one binding of a name."""
    (found,) = [made for made in facts.bindings if made.name == name]
    return found


# -- which files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.js", "javascript"),
        ("a/b.jsx", "javascript"),
        ("a.mjs", "javascript"),
        ("a.cjs", "javascript"),
        ("a.ts", "typescript"),
        ("a.tsx", "typescript"),
        ("a.mts", "typescript"),
        ("a.cts", "typescript"),
        ("a.d.ts", None),
        ("a.d.mts", None),
        ("js", None),
    ],
)
def test_files_are_known_by_their_ending(path: str, language: str | None) -> None:
    """Declaration files hold no code."""
    reading = reader_for(path, b"")
    assert (reading.language if reading else None) == language


def test_a_script_is_known_by_its_first_line() -> None:
    """A file without an ending that node runs."""
    reading = reader_for("bin/server", b"#!/usr/bin/env node\nrequire('x')\n")
    assert reading is not None
    assert reading.language == "javascript"
    other = reader_for("bin/server", b"#!/bin/sh\nnode x\n")
    assert other is None or other.language != "javascript"


# -- imports and names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("import session from 'express-session'; session()", "express-session"),
        ("import * as session from 'express-session'; session()", "express-session"),
        ("import { rateLimit as limit } from 'express-rate-limit'; limit()", "express-rate-limit.rateLimit"),
        ("import { default as limit } from 'express-rate-limit'; limit()", "express-rate-limit"),
        ("const session = require('express-session'); session()", "express-session"),
        ("const { Server: S } = require('socket.io'); new S()", "socket.io.Server"),
        ("const Server = require('socket.io').Server; new Server()", "socket.io.Server"),
        ("const limit = require('express-rate-limit').default; limit()", "express-rate-limit"),
        ("const { Server } = await import('socket.io'); new Server()", "socket.io.Server"),
        ("const x = (await import('lib')).default; x()", "lib"),
        ("require('lib')(y)", "lib"),
        ("require('dotenv').config()", "dotenv.config"),
        ("const fs = require('node:fs'); fs.promises.writeFile()", "fs.promises.writeFile"),
        ("import { writeFile } from 'fs/promises'; writeFile()", "fs.promises.writeFile"),
        ("import fs from 'node:fs/promises'; fs.writeFile()", "fs.promises.writeFile"),
        ("import { load } from './store.js'; load()", "./store.js.load"),
        ("const app = express(); app.use()", "express().use"),
        ("const r = require('express').Router(); r.get()", "express.Router().get"),
        ("let io; io = new Server(); io.on()", "Server().on"),
        ("const f = a.b; const g = f; g.c()", "a.b.c"),
        ("app.get('/', (req) => req.file.mv())", "%req.file.mv"),
        ("app.get('/', ({ body: { file } }) => file.mv())", "%0.body.file.mv"),
        ("app.get('/', (req) => { const { body } = req; body.x(); })", "%req.body.x"),
        ("function f() {} f()", "~f"),
        ("const f = () => 1; f()", "~f"),
        ("class A { f() {} g() { this.f(); } }", "~A.f"),
        ("class A { g() { this.unknown.f(); } }", "%this.unknown.f"),
        ("a?.b?.['c'].d()", "a.b.c.d"),
        ("files[0].save()", "files[].save"),
        ("global.x()", "globalThis.x"),
        ("const { promisify } = require('util'); const write = promisify(fs.writeFile); write('a')", "fs.writeFile"),
        ("const fs = require('bluebird').promisifyAll(require('fs')); fs.writeFileAsync('a')", "fs.writeFileAsync"),
    ],
)
def test_a_call_is_named_through_imports_and_aliases(code: str, called: str) -> None:
    """Whatever the names in the file, the fact says whose function is called."""
    assert names(facts_of(code))[-1] == called


@pytest.mark.parametrize(
    "code", ["import S = require('redis'); new S() as any", "import S from 'redis'; const s = <X>(new S()!) satisfies Y"]
)
def test_types_are_seen_through(code: str) -> None:
    """Casts and assertions hide nothing."""
    assert names(facts_of(code, "a.ts")) == ["redis"]


def test_imports_of_types_are_left_out() -> None:
    """They do not exist at run time."""
    facts = facts_of("import type { A } from 'a'; import { type B, c } from 'b'; import 'd';", "a.ts")
    assert [(item.name, item.local) for item in facts.imports] == [("b.c", "c"), ("d", "")]


def test_a_parameter_hides_an_import() -> None:
    """The nearest declaration wins."""
    assert names(facts_of("import s from 'lib'; function f(s) { s.go(); }")) == ["%s.go"]


def test_blocks_have_their_own_names() -> None:
    """Two constants of one name in two blocks are two names."""
    facts = facts_of("function f(a, b) { if (x) { const s = a.y; s.go(); } else { const s = b.z; s.go(); } }")
    assert names(facts) == ["%a.y.go", "%b.z.go"]


def test_a_variable_with_two_values_stands_for_neither() -> None:
    """Only what is bound once is followed."""
    assert names(facts_of("let s = a(); s = b(); s.go()"))[-1] == "~s.go"


# -- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a\\nb'", Constant("a\nb")),
        ("1_000", Constant(1000)),
        ("-1.5", Constant(-1.5)),
        ("true", Constant(True)),
        ("undefined", Constant(None)),
        ("`a`", Constant("a")),
        ("`a${b}`", Template((Constant("a"), Name("b")))),
        ("'a' + b + 'c'", Template((Constant("a"), Name("b"), Constant("c")))),
        ("process.env.X || 'y'", Choice((Name("process.env.X"), Constant("y")))),
        ("a ?? b", Choice((Name("a"), Name("b")))),
        ("a ? b : null", Choice((Name("b"), Constant(None)))),
        ("[1, 'a']", Listing((Constant(1), Constant("a")))),
        ("(await a.b)", Name("a.b")),
    ],
)
def test_a_value_is_read(code: str, value: object) -> None:
    """Literals, names, templates and choices."""
    assert binding(facts_of(f"const made = {code};"), "made").value == value


def test_options_are_found_in_object_literals() -> None:
    """`Call.option` and `opaque` see what people write."""
    (plain, spread) = facts_of("f({ store, 'a-b': 1, on() {} }); f({ ...rest })").calls
    assert plain.option("store") == Name("store")
    assert plain.option("a-b") == Constant(1)
    assert isinstance(plain.option("on"), FunctionValue)
    assert not plain.opaque
    assert spread.opaque


def test_a_variable_leads_to_the_call_with_its_arguments() -> None:
    """`Facts.resolve` finds what a store was made with."""
    facts = facts_of("const Store = require('connect-redis')(session); const store = new Store({ ttl: 1 }); session({ store })")
    made = facts.resolve(facts.calls[-1].option("store"))
    assert isinstance(made, Call)
    assert made.name == "connect-redis()"
    assert made.option("ttl") == Constant(1)


# -- functions and classes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "registrar"),
    [
        ("app.get('/x', (req, res) => 1)", "app.get"),
        ("app.get('/x', auth, handler); function handler() {}", "app.get"),
        ("const handler = async () => 1; router.post('/x', handler)", "router.post"),
        ("router.get('/', wrap(async () => 1))", "router.get"),
        ("router.get('/', wrap(handler)); function handler() {}", "router.get"),
        ("setInterval(function () {}, 10)", "setInterval"),
        ("fastify.route({ method: 'GET', handler: async () => 1 })", "fastify.route"),
        ("fastify.route({ method: 'GET', async handler() {} })", "fastify.route"),
        ("app.use([a, () => 1])", "app.use"),
        ("class A { constructor() { app.get('/', this.show.bind(this)); } show() {} }", "app.get"),
        ("const c = { show() {} }; app.get('/', c.show)", "app.get"),
        ("app.get('/', x.then(() => 1))", "x.then"),
    ],
)
def test_a_function_knows_the_call_it_was_handed_to(code: str, registrar: str) -> None:
    """In place, by name, in options, lists and wrappers."""
    registered = [function.registered for function in facts_of(code).functions if function.registered is not None]
    assert [call.name for call in registered] == [registrar]


def test_functions_have_paths_of_names() -> None:
    """Nested, anonymous, methods, constructor functions with prototypes, entries of objects."""
    code = """function build() {
  function start() {}
  return () => start();
}
class Store { add() {} static of() {} run = async () => {}; }
function Old() {}
Old.prototype.add = function (a) {};
const api = { list: async () => {}, nested: { get() {} } };
"""
    facts = facts_of(code)
    assert [function.id for function in facts.functions] == [
        "build",
        "build.start",
        "build.<3>",
        "Store",
        "Store.add",
        "Store.of",
        "Store.run",
        "Old",
        "Old.add",
        "api.list",
        "api.nested.get",
    ]
    assert facts.function_by_id["Store"].kind is FunctionKind.CLASS
    assert facts.function_by_id["Old.add"].parent == "Old"
    assert facts.function_by_id["Old.add"].parameters == ("a",)


def test_classes_have_bases_and_decorators() -> None:
    """As NestJS and its like use them; a destructured parameter has its position for a name."""
    code = "import { D } from 'x'; class E {} @Controller('x')\nexport class A extends lib.B implements D, E<string>, n.F { @Get(':id') get(@Param('id') id: string, { a }: C) {} }"
    facts = facts_of(code, "a.ts")
    assert facts.function_by_id["A"].bases == ("lib.B", "x.D", "~E", "n.F")
    assert [getattr(one, "name", "") for one in facts.function_by_id["A"].decorators] == ["Controller"]
    assert [getattr(one, "name", "") for one in facts.function_by_id["A.get"].decorators] == ["Get"]
    assert facts.function_by_id["A.get"].parameters == ("id", "1")


@pytest.mark.parametrize(
    "code",
    [
        "export function f() {}",
        "export const f = () => 1",
        "function f() {} export { f }",
        "function f() {} export default f",
        "module.exports = { f }; function f() {}",
        "module.exports = f; function f() {}",
        "exports.f = f; function f() {}",
        "exports.f = () => 1",
        "module.exports = { f() {} }",
        "export const api = { f: () => 1 }",
    ],
)
def test_what_leaves_the_file_is_exported(code: str) -> None:
    """ES modules and CommonJS."""
    (function,) = facts_of(code).functions
    assert function.exported


# -- state ------------------------------------------------------------------------------------------------------------


def test_a_module_variable_and_its_uses() -> None:
    """Made once, written and read by handlers."""
    code = """const sessions = new Map();
let count = 0;
app.post('/', (req) => { sessions.set(req.id, 1); count++; });
app.get('/', (req) => { sessions.delete(req.id); return [...sessions.values(), count]; });
"""
    facts = facts_of(code)
    assert binding(facts, "sessions") == Binding("sessions", "", facts.calls[0], Span(1, 1, 7), constant=True)
    assert uses(facts, "sessions") == [
        ("", Action.MUTATE, "set", "<3>"),
        ("", Action.REMOVE, "delete", "<4>"),
        ("", Action.READ, "values", "<4>"),
    ]
    assert uses(facts, "count") == [("", Action.REBIND, "++", "<3>"), ("", Action.READ, "", "<4>")]


@pytest.mark.parametrize(
    ("statement", "action", "method"),
    [
        ("x[k] = 1", Action.MUTATE, "[]"),
        ("x.a.b = 1", Action.MUTATE, "="),
        ("x[k] ||= []", Action.MUTATE, "[]"),
        ("x[k].push(1)", Action.MUTATE, "push"),
        ("x.n++", Action.MUTATE, "++"),
        ("Object.assign(x, y)", Action.MUTATE, "assign"),
        ("x.push(1)", Action.MUTATE, "push"),
        ("x.splice(0, 1)", Action.REMOVE, "splice"),
        ("x.length = 0", Action.REMOVE, "="),
        ("delete x[k]", Action.REMOVE, "delete"),
        ("x.shift()", Action.REMOVE, "shift"),
        ("x = []", Action.REBIND, "="),
        ("x[k]", Action.READ, "[]"),
        ("k in x", Action.READ, "in"),
        ("x.get(k)", Action.READ, "get"),
        ("for (const y of x) {}", Action.READ, ""),
        ("send(x)", Action.READ, ""),
        ("const e = x.get(k); e.n = 1", Action.MUTATE, "="),
        ("const e = x[k] || {}; e.n = 1", Action.MUTATE, "="),
        ("const y = x; y.push(1)", Action.MUTATE, "push"),
        ("(x as any)!.push(1)", Action.MUTATE, "push"),
    ],
)
def test_what_is_done_to_a_variable(statement: str, action: Action, method: str) -> None:
    """Changes, removals, new values and reads, also through other names and elements."""
    facts = facts_of(f"let x = {{}};\nfunction f(k) {{ {statement}; }}", "a.ts")
    assert ("", action, method, "f") in uses(facts, "x")


def test_fields_of_classes() -> None:
    """Declared, made in the constructor, static, and made by a method: all belong to the class."""
    code = """class Store {
  private readonly items: Map<string, Item> = new Map();
  static all = [];
  constructor(private redis) { this.tokens = {}; }
  add(x) { this.items.set(x, 1); this.tokens[x] = 1; Store.all.push(x); this.last = x; }
}
class Child extends Store { more() { this.items.clear(); } }
"""
    facts = facts_of(code, "a.ts")
    made = {(item.owner, item.name): item for item in facts.bindings}
    assert made["Store", "items"].instance
    assert made["Store", "items"].constant
    assert made["Store", "items"].type == "Map<string, Item>"
    assert not made["Store", "all"].instance
    assert made["Store", "tokens"].scope == "Store.constructor"
    assert made["Store", "redis"].value == Name("%redis")
    assert made["Store", "last"].scope == "Store.add"
    assert [use[1] for use in uses(facts, "items")] == [Action.MUTATE, Action.REMOVE]
    assert uses(facts, "tokens") == [("Store", Action.MUTATE, "[]", "Store.add")]
    assert uses(facts, "all") == [("Store", Action.MUTATE, "push", "Store.add")]
    assert uses(facts, "last") == [("Store", Action.REBIND, "=", "Store.add")]


def test_entries_of_a_static_field_belong_to_the_class() -> None:
    """Also when they are set by name from outside."""
    facts = facts_of("class Store { static kinds = {}; }\nStore.kinds['a'] = 1;\nfunction f() { Store.kinds.b = 2; }")
    assert [use[:3] for use in uses(facts, "kinds")] == [("Store", Action.MUTATE, "[]"), ("Store", Action.MUTATE, "=")]


def test_a_closure_of_a_factory_owns_its_state() -> None:
    """The middleware's map lives as long as the middleware."""
    facts = facts_of("module.exports = function limit() { const hits = {}; return (req) => { hits[req.ip] = 1; }; };")
    assert binding(facts, "hits").owner == facts.functions[0].id
    assert uses(facts, "hits") == [(facts.functions[0].id, Action.MUTATE, "[]", facts.functions[1].id)]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (
            "const app = express(); app.locals.jobs = {}; app.get('/', (r) => { app.locals.jobs[r.id] = 1; })",
            "express().locals.jobs",
        ),
        ("global.jobs = global.jobs || new Map(); function f() { global.jobs.set(1, 2); }", "globalThis.jobs"),
        ("globalThis.jobs ??= new Map(); function f() { globalThis.jobs.set(1, 2); }", "globalThis.jobs"),
        ("global.jobs = new Map(); function f() { jobs.set(1, 2); }", "globalThis.jobs"),
        ("const g = globalThis; g.jobs ??= new Map(); function f() { g.jobs.set(1, 2); }", "globalThis.jobs"),
        ("export function init(core) { core.jobs = {}; } export function f(core) { core.jobs[1] = 2; }", "%core.jobs"),
        ("const core = require('./core'); core.jobs = []; function f() { core.jobs.push(2); }", "./core.jobs"),
        ("exports.jobs = []; function f() { exports.jobs.push(2); }", "exports.jobs"),
        ("app.locals.jobs = {}; app.get('/', (req) => { req.app.locals.jobs[req.id] = 1; })", "app.locals.jobs"),
        ("const f = fastify(); f.decorate('jobs', new Map()); f.get('/', () => { f.jobs.set(1, 2); })", "fastify().jobs"),
    ],
)
def test_a_property_hung_on_something_shared(code: str, name: str) -> None:
    """It is a binding under its full name, and its changes are found."""
    facts = facts_of(code)
    assert binding(facts, name).owner == ""
    assert [use[:2] for use in uses(facts, name)] == [("", Action.MUTATE)]


def test_an_exported_object_keeps_its_entries() -> None:
    """`this` in its methods is the object."""
    facts = facts_of("module.exports = { games: [], limit: 3, add(g) { this.games.push(g); } };")
    assert isinstance(binding(facts, "exports").value, Mapping)
    assert binding(facts, "exports.games").value == Listing()
    assert uses(facts, "exports.games") == [("", Action.MUTATE, "push", "add")]


@pytest.mark.parametrize(
    ("code", "owner", "name"),
    [
        ("const state = { users: {}, n: 0 }; function f(id) { state.users[id] = 1; }", "", "state.users"),
        ("module.exports = { users: {}, add(id) { this.users[id] = 1; } };", "", "exports.users"),
        ("const state = { users: new Map(), add(id) { this.users.set(id, 1); } };", "", "state.users"),
        ("class A { state = { users: [] }; add(id) { this.state.users.push(id); } }", "A", "state.users"),
        ("class A { constructor() { this.state = { users: {} }; } add(id) { this.state.users[id].n++; } }", "A", "state.users"),
    ],
)
def test_an_empty_container_in_an_object_is_a_binding_of_its_own(code: str, owner: str, name: str) -> None:
    """What it is called says what it keeps."""
    facts = facts_of(code)
    assert binding(facts, name).owner == owner
    assert [use[:2] for use in uses(facts, name)] == [(owner, Action.MUTATE)]


def test_containers_of_other_files_are_said_to_be_foreign() -> None:
    """The declaration is elsewhere; the write is here."""
    facts = facts_of("import { jobs } from './jobs'; export function f(id) { jobs.set(id, 1); delete jobs[id]; }")
    assert uses(facts, "./jobs.jobs") == [("?", Action.MUTATE, "set", "f"), ("?", Action.REMOVE, "delete", "f")]


# -- settings, returns, comments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("module.exports = { session: { driver: 'memory' } }", "session.driver"),
        ("export default { session: { driver: 'memory' } }", "session.driver"),
        ("export default defineConfig({ session: { driver: 'memory' } })", "session.driver"),
        ("exports.session = { driver: 'memory' }", "session.driver"),
        ("const config = { session: { driver: 'memory' } }", "session.driver"),
        ("const sessionConfig = { driver: 'memory' }", "sessionConfig.driver"),
        ("export const session = { driver: 'memory' }", "session.driver"),
        ("config.session.driver = 'memory'", "session.driver"),
        ("const SESSION_DRIVER = 'memory'", "SESSION_DRIVER"),
        ("module.exports = { connections: [{ driver: 'memory' }] }", "connections.0.driver"),
    ],
)
def test_configuration_in_code(code: str, path: str) -> None:
    """Exported objects, objects named like a configuration, upper-case constants."""
    assert [(".".join(one.path), one.value) for one in facts_of(code).settings] == [(path, Constant("memory"))]


def test_returns_and_comments() -> None:
    """Also what an arrow gives without `return`; comments without their marks."""
    facts = facts_of("// one\n/** two\n * three */\nfunction f() { return 1; }\nconst g = () => 2;\n")
    assert [(one.value, one.scope) for one in facts.returns] == [(Constant(1), "f"), (Constant(2), "g")]
    assert [comment.text for comment in facts.comments] == ["one", "two\nthree"]


# -- whatever the text ------------------------------------------------------------------------------------------------

_SAMPLE = """// überall — 日本語
import express, { Router } from 'express';
const { a: b = {}, ...rest } = require('x')(await import('y'));
let n = 0, cache = global.cache || new Map();
@Dec() export class Störe<T> extends Base { static #x = 1; #y?: Map<string, T> = new Map();
  constructor(private readonly z: Z, { q }: P = {}) { super(z); this.w ??= [q, ...rest]; }
  async *go(...args) { for await (const [k, v] of this.#y) { delete cache[k]; n += v.count++; yield `a${k}b${v}`; } }
}
app.get('/:id', wrap(async ({ params: { id } }, res) => { cache.set(id, <div>{n}</div>); try { res.json(cache?.[id]!.x); } catch { n--; } }));
export default { session: { driver: process.env.D ?? 'memory' }, list: [1, 2], fn() { return this.list; } };
[n, cache.z] = [1, 2]; label: for (const k in cache) { if (k in rest) continue label; }
"""


def _everything_inside(facts: Facts) -> bool:
    spans = [
        item.span
        for items in (
            facts.imports,
            facts.functions,
            facts.calls,
            facts.bindings,
            facts.uses,
            facts.returns,
            facts.settings,
            facts.comments,
        )
        for item in items
    ]
    last = max(1, len(facts.lines))
    return all(1 <= span.line <= span.end_line <= last and span.column >= 1 for span in (*spans, *facts.broken))


@given(cut=st.integers(0, len(_SAMPLE)), start=st.integers(0, 200), path=st.sampled_from(["a.js", "a.ts", "a.tsx"]))
def test_any_piece_of_a_file_is_read(cut: int, start: int, path: str) -> None:
    """A broken file yields what can be read, with every span inside it."""
    assert _everything_inside(facts_of(_SAMPLE[start : max(cut, start)], path))


@given(text=st.text(max_size=300), path=st.sampled_from(["a.js", "a.tsx"]))
def test_any_text_is_read(text: str, path: str) -> None:
    """No text makes the reader fail."""
    assert _everything_inside(facts_of(text, path))


@given(
    tokens=st.lists(
        st.sampled_from(
            "( ) { } [ ] => = . , ; x this class function new await `${ } ... ?. ?? 'a' 1 : const let import from export default delete in of for @ # <T> return".split()
        ),
        max_size=40,
    )
)
def test_any_tokens_are_read(tokens: list[str]) -> None:
    """No order of tokens makes the reader fail."""
    assert _everything_inside(facts_of(" ".join(tokens), "a.ts"))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000,
        "[" * 20_000 + "]" * 20_000,
        "a" + ".b()" * 20_000,
        "x = " + " + ".join(["a"] * 20_000),
        "x = " + "{a:" * 5_000 + "1" + "}" * 5_000,
        "f(" * 5_000 + ")" * 5_000,
        "() => " * 5_000 + "1",
        "const a = b; const b = a; a.c(); b.c();",
        "x = a || " * 5_000 + "b",
    ],
)
def test_depth_does_no_harm(text: str) -> None:
    """Deeply nested and cyclic sources neither fail nor take long."""
    assert _everything_inside(facts_of(text))


def test_windows_line_ends() -> None:
    """Lines count the same, and nothing carries a carriage return."""
    facts = facts_of("// a\r\nconst x = `b\r\nc`;\r\nf(x)\r\n")
    assert facts.comments[0].text == "a"
    assert binding(facts, "x").value == Constant("b\nc")
    assert facts.calls[0].span.line == 4


def test_bundled_files_are_read_in_part() -> None:
    """The output of a bundler costs little, and says that it was not read whole."""
    facts = facts_of("const a=new Map();" + "a.set(1,{b:2});function f(x){return x+1};" * 20_000)
    assert facts.partial
    assert names(facts)[0] == "Map"


def test_broken_code_yields_what_can_be_read() -> None:
    """An unfinished function hides neither the import above nor the call below."""
    facts = facts_of("import s from 'express-session';\nfunction ( {\napp.use(s({}));\n")
    assert "express-session" in names(facts)
    assert facts.broken


@pytest.mark.parametrize(
    "code",
    [
        "const Box = styled.div<{ wide: boolean; tag?: Array<string> }>`width: ${(p) => p.wide};`;\nuse('a & b');\n",
        "const req = context.get<import('fastify').FastifyRequest>();\nuse('a & b');\n",
        "const real = await original<typeof import('./real')>();\nuse('a & b');\n",
        "const Page = () => <p title='x?a=1&b_c=2'>Terms & Conditions</p>;\nuse('a & b');\n",
        "type Both = A & B; const both = (1 & 2) as Both & C; const Page = () => <p>Terms & Conditions</p>;\nuse('a & b');\n",
    ],
)
def test_valid_code_that_the_grammar_can_not_read_is_read(code: str) -> None:
    """Types of tagged templates, imported types and an ampersand in JSX break nothing, and texts stay as they are."""
    facts = facts_of(code, "page.tsx")
    assert not facts.broken
    assert next(call for call in facts.calls if call.name == "use").positional(0) == Constant("a & b")


def test_code_that_is_broken_is_said_to_be() -> None:
    """Hiding helps only where the code is valid."""
    assert facts_of("const a = styled.div<{ wide: boolean }>`x`;\nfunction (\n", "page.tsx").broken
