"""The facts of Python files, as rules and analyses rely on them."""

from __future__ import annotations

import inspect
import tarfile
import textwrap
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.facts import Action, Call, Choice, Constant, Facts, FunctionKind, Mapping, Name, Span, Template, Unknown
from guard.languages import read as read_any
from guard.languages.python import by_content, by_name, read


def facts(code: str) -> Facts:
    """The facts of a snippet."""
    return read("app.py", textwrap.dedent(code), "python")


def names(code: str) -> list[str]:
    """The names that are called, in source order."""
    return [call.name for call in facts(code).calls]


def uses(code: str) -> set[tuple[str, str, str, str]]:
    """What is done to shared names from functions: (owner, name, action, method)."""
    return {(use.owner, use.name, str(use.action), use.method) for use in facts(code).uses if use.scope}


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/app.py", "python"),
        ("APP.PY", "python"),
        ("gui.pyw", "python"),
        ("typed.pyi", None),
        ("app.pyc", None),
        ("python", None),
    ],
)
def test_files_are_known_by_their_extension(path: str, language: str | None) -> None:
    """Stubs hold no state and are not read."""
    assert by_name(path) == language


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("bin/serve", b"#!/usr/bin/env python3\n", "python"),
        ("bin/serve", b"#!/bin/sh\n# python\n", None),
        ("serve.sh", b"#!/usr/bin/env python3\n", None),
        ("bin/serve", b"print('python')\n", None),
    ],
)
def test_scripts_are_known_by_their_first_line(path: str, text: bytes, language: str | None) -> None:
    """A `#!` line that names Python, where there is no extension."""
    assert by_content(path, text) == language


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os", [("os", "os")]),
        ("import redis as r", [("redis", "r")]),
        ("import a.b.c", [("a", "a"), ("a.b.c", "")]),
        ("from flask import Flask as F, request", [("flask.Flask", "F"), ("flask.request", "request")]),
        ("from . import models", [(".models", "models")]),
        (
            "from ..db.store import (\n    jobs,  # why\n    users,\n)",
            [("..db.store.jobs", "jobs"), ("..db.store.users", "users")],
        ),
        ("from flask import *", [("flask.*", "")]),
        ("from __future__ import annotations", [("__future__.annotations", "annotations")]),
        ("try:\n    import ujson as json\nexcept ImportError:\n    import json", [("ujson", "json"), ("json", "json")]),
    ],
)
def test_imports(code: str, expected: list[tuple[str, str]]) -> None:
    """Modules and members with their local names, relative ones as written."""
    assert [(item.name, item.local) for item in facts(code).imports] == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import redis as R\nr = R.Redis()\nr.get(1)", "redis.Redis().get"),
        ("from flask import Flask\napp = Flask(__name__)\napp.config.update(A=1)", "flask.Flask().config.update"),
        ("from flask import request as r\nr.args.get('q')", "flask.request.args.get"),
        ("from flask import *\nrequest.args.get('q')", "flask.request.args.get"),
        ("with open(p) as f:\n    f.write('x')", "open().write"),
        ("async def h():\n    async with aiofiles.open(p) as f:\n        await f.write('x')", "aiofiles.open().write"),
        ("def h(request):\n    request.files['a'].save('b')", "%request.files[].save"),
        ("def h(request):\n    f = request.files['a']\n    f.save('b')", "%request.files[].save"),
        (
            "from flask import request\nfor f in request.files.getlist('a'):\n    f.save(f.name)",
            "flask.request.files.getlist()[].save",
        ),
        ("from pathlib import Path\nROOT = Path('data')\n(ROOT / 'x').write_text('y')", "pathlib.Path().write_text"),
        ("from pathlib import Path\np = Path('data') / 'x'\np.write_text('y')", "pathlib.Path().write_text"),
        ("class A:\n    def put(self): ...\n    def go(self):\n        self.put()", "~A.put"),
        ("class A:\n    def put(self): ...\na = A()\na.put()", "~A.put"),
        ("class A:\n    def put(self): ...\nclass B(A):\n    def go(self):\n        self.put()", "~A.put"),
        (
            "import redis\nclass A:\n    def __init__(self):\n        self.r = redis.Redis()\n    def go(self):\n        self.r.get(1)",
            "redis.Redis().get",
        ),
        ("class A:\n    def go(self):\n        self.x.add(1)", "%self.x.add"),
        ("def helper(): ...\nhelper()", "~helper"),
        ("cache = {}\ncache.get(1)", "~cache.get"),
        (
            "import redis\nr = None\ndef init():\n    global r\n    r = redis.Redis()\ndef h():\n    r.get(1)",
            "redis.Redis().get",
        ),
        ("def h():\n    get = request\n    return get()", "request"),
        ("try:\n    import redis\nexcept ImportError:\n    redis = None\nredis.Redis()", "redis.Redis"),
        ("', '.join(x)", "str.join"),
        ("(a or b).get(1)", "?.get"),
    ],
)
def test_called_names_are_resolved(code: str, expected: str) -> None:
    """Through imports, aliases, variables bound once, fields, parameters and classes of the file."""
    assert names(code)[-1] == expected


def test_a_variable_with_two_values_stands_for_itself() -> None:
    """Nothing is guessed where two stores are possible."""
    code = "if x:\n    s = a.Memory()\nelse:\n    s = b.Redis()\ns.get(1)"
    assert names(code)[-1] == "~s.get"


def test_a_call_knows_its_receiver_arguments_and_scope() -> None:
    """What it is called on before resolution, options by name, and whether some are hidden."""
    read_facts = facts("p = Path('x')\ndef f(**k):\n    p.open('w', encoding='utf-8', **k)\n    go(**{'a': 1})")
    opened, went = read_facts.calls[1], read_facts.calls[2]
    assert (opened.name, opened.scope, opened.receiver) == ("Path().open", "f", Name("~p"))
    assert opened.positional(0) == Constant("w")
    assert opened.option("encoding") == Constant("utf-8")
    assert opened.opaque
    assert went.option("a") == Constant(1)
    assert not went.opaque


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a\\n' 'b'", Constant("a\nb")),
        ("r'a\\n'", Constant("a\\n")),
        ("-0x10", Constant(-16)),
        ("1_000", Constant(1000)),
        ("0755", Constant("0755")),
        ("9" * 5000, Constant("9" * 5000)),
        ("f'/data/{name}.json'", Template((Constant("/data/"), Name("name"), Constant(".json")))),
        ("'a' + b + 'c'", Template((Constant("a"), Name("b"), Constant("c")))),
        ("a or b or None", Choice((Name("a"), Name("b"), Constant(None)))),
        ("x if c else y", Choice((Name("x"), Name("y")))),
        ("a and b", Unknown("a and b")),
        ("[1, *xs]", None),
    ],
)
def test_values(expression: str, expected: object) -> None:
    """Literals, joined text and choices are values; what else there is keeps its text."""
    value = facts(f"v = {expression}").bindings[0].value
    assert expected is None or value == expected


def test_reading_the_environment_is_a_call_with_its_default() -> None:
    """Rules look at the default."""
    value = facts("import os\nURL = os.environ.get('URL', 'sqlite:///x.db')").bindings[0].value
    assert isinstance(value, Call)
    assert (value.name, value.positional(1)) == ("os.environ.get", Constant("sqlite:///x.db"))


def test_functions_and_classes() -> None:
    """Ids are paths of names; decorators and bases are resolved; a second definition is told apart."""
    found = facts("""
        from flask import Blueprint
        bp = Blueprint("x", __name__)
        class View(base.View):
            @property
            def a(self): ...
            @a.setter
            def a(self, v): ...
        @bp.route("/x")
        async def handler(a, b=1, *c, d: int = 2, **e):
            def inner(): ...
        run(lambda x: x)
        """)
    ids = [(f.id, f.kind, f.parent) for f in found.functions]
    assert ids == [
        ("View", FunctionKind.CLASS, ""),
        ("View.a", FunctionKind.METHOD, "View"),
        ("View.a<7>", FunctionKind.METHOD, "View"),
        ("handler", FunctionKind.FUNCTION, ""),
        ("handler.inner", FunctionKind.FUNCTION, "handler"),
        ("<12>", FunctionKind.FUNCTION, ""),
    ]
    handler = found.function_by_id["handler"]
    assert handler.parameters == ("a", "b", "c", "d", "e")
    assert [getattr(d, "name", "") for d in handler.decorators] == ["flask.Blueprint().route"]
    assert handler.span == Span(9, 11, 1)
    assert found.function_by_id["View"].bases == ("base.View",)
    assert found.function_by_id["View.a"].name == found.function_by_id["View.a<7>"].name == "a"


@pytest.mark.parametrize(
    ("code", "function", "by"),
    [
        ("def f(): ...\napp.add_url_rule('/x', view_func=f)", "f", "app.add_url_rule"),
        ("def f(): ...\nroutes = [Route('/x', f)]", "f", "Route"),
        ("class V:\n    def get(self): ...\n    def __init__(self, r):\n        r.add('/x', self.get)", "V.get", "%r.add"),
        ("on_event(lambda e: e)", "<1>", "on_event"),
        ("def f(): ...\ndef g(d=Depends(f)): ...", "f", "Depends"),
        ("def f(): ...\ndef g(d: Annotated[int, Depends(f)]): ...", "f", "Depends"),
    ],
)
def test_a_function_that_is_handed_over_says_to_what(code: str, function: str, by: str) -> None:
    """Routes, callbacks and dependencies, by name or in place."""
    registered = facts(code).function_by_id[function].registered
    assert registered is not None
    assert registered.name == by


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("X: dict[str, int] = {}", ("X", "", False, "dict[str, int]")),
        ("class A:\n    items = {}", ("items", "A", False, "")),
        ("class A:\n    def __init__(self):\n        self.items = {}", ("items", "A", True, "")),
        ("@dataclass\nclass A:\n    items: dict = field(default_factory=dict)", ("items", "A", True, "dict")),
        ("class A(BaseModel):\n    items: dict", ("items", "A", True, "dict")),
        ("class A:\n    @classmethod\n    def go(cls):\n        cls.items = {}", ("items", "A", False, "")),
        ("from fastapi import FastAPI\napp = FastAPI()\napp.state.jobs = {}", ("fastapi.FastAPI().state.jobs", "", False, "")),
        (
            "from aiohttp import web\napp = web.Application()\napp['jobs'] = {}",
            ("aiohttp.web.Application().jobs", "", False, ""),
        ),
        ("def setup(app):\n    app.state.jobs = {}", ("%app.state.jobs", "", False, "")),
        ("from flask import g\ng.user = 1", ("flask.g.user", "", False, "")),
        ("def handler(): ...\nhandler.cache = {}", ("~handler.cache", "", False, "")),
        ("def make():\n    cache = {}", ("cache", "make", False, "")),
        ("x = None\ndef f():\n    global x\n    x = {}", ("x", "", False, "")),
        ("def f():\n    x = 0\n    def g():\n        nonlocal x\n        x = {}", ("x", "f", False, "")),
        ("if (m := {}):\n    pass", ("m", "", False, "")),
        ("a, b = 1, {}", ("b", "", False, "")),
    ],
)
def test_bindings(code: str, expected: tuple[str, str, bool, str]) -> None:
    """The owner is the scope whose life the name shares."""
    binding = facts(code).bindings[-1]
    assert (binding.name, binding.owner, binding.instance, binding.type) == expected


def test_a_field_of_a_record_starts_with_what_its_factory_makes() -> None:
    """A dict that each object has is no different for being declared."""
    value = (
        facts("from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: dict = field(default_factory=dict)")
        .bindings[0]
        .value
    )
    assert isinstance(value, Call)
    assert (value.name, value.arguments) == ("dict", ())


STORE = "S = {}\nQ = []\nn = 0\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("S[k] = v", ("", "S", "mutate", "[]")),
        ("S[k]['a'] += 1", ("", "S", "mutate", "+=")),
        ("S.setdefault(k, []).append(v)", ("", "S", "mutate", "append")),
        ("s = S.setdefault(k, {})\n    s['a'] = 1", ("", "S", "mutate", "[]")),
        ("s = S.get(k)\n    if s is None:\n        s = S[k] = {}\n    s.update(a=1)", ("", "S", "mutate", "update")),
        ("for s in S.values():\n        s.clear()", ("", "S", "remove", "clear")),
        ("del S[k]", ("", "S", "remove", "del")),
        ("S.pop(k, None)", ("", "S", "remove", "pop")),
        ("Q.append(v)", ("", "Q", "mutate", "append")),
        ("global Q\n    Q += [v]", ("", "Q", "mutate", "extend")),
        ("global Q\n    Q = Q + [v]", ("", "Q", "mutate", "=")),
        ("v.add_done_callback(S.pop)", ("", "S", "remove", "pop")),
        ("Q.put_nowait(v)", ("", "Q", "mutate", "put_nowait")),
        ("global n\n    n += 1", ("", "n", "rebind", "+=")),
        ("global n\n    n = 1", ("", "n", "rebind", "=")),
        ("return k in S", ("", "S", "read", "in")),
        ("return len(S)", ("", "S", "read", "len")),
        ("return S.get(k)", ("", "S", "read", "get")),
        ("return S[k]", ("", "S", "read", "[]")),
        ("return [x for x in S]", ("", "S", "read", "for")),
        ("return {'n': n}", ("", "n", "read", "")),
        ("return n(k)", ("", "n", "read", "()")),
        ("return S[k](v)", ("", "S", "read", "[]")),
    ],
)
def test_uses_of_module_state(body: str, expected: tuple[str, str, str, str]) -> None:
    """Reads, changes and removals, also through a local that is content of the container."""
    assert expected in uses(f"{STORE}def f(k, v):\n    {body}\n")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "class A:\n    def __init__(self):\n        self.x = {}\n    def f(self, k):\n        self.x[k] = 1",
            ("A", "x", "mutate", "[]"),
        ),
        (
            "class A:\n    def __init__(self):\n        self.n = 0\n    def f(self):\n        self.n += 1",
            ("A", "n", "rebind", "+="),
        ),
        ("class A:\n    x = {}\n    def f(self):\n        A.x.update(a=1)", ("A", "x", "mutate", "update")),
        (
            "class B:\n    def __init__(self):\n        self.x = []\nclass A(B):\n    def f(self):\n        self.x.append(1)",
            ("B", "x", "mutate", "append"),
        ),
        (
            "class A:\n    def __init__(self):\n        self.x = {}\na = A()\ndef f():\n    a.x[1] = 2",
            ("A", "x", "mutate", "[]"),
        ),
        ("class A:\n    def __init__(self):\n        self.x = {}\na = A()\ndef f():\n    a.x[1] = 2", ("", "a", "read", "x")),
        ("def make():\n    seen = {}\n    def f(k):\n        seen[k] = 1\n    return f", ("make", "seen", "mutate", "[]")),
        (
            "def make():\n    n = 0\n    def f(k):\n        nonlocal n\n        n += 1\n    return f",
            ("make", "n", "rebind", "+="),
        ),
        ("from .store import jobs\ndef f():\n    jobs[1] = 2", ("?", ".store.jobs", "mutate", "[]")),
        ("def f(request):\n    request.app.state.jobs[1] = 2", ("?", "%request.app.state.jobs", "mutate", "[]")),
        (
            "from aiohttp import web\ndef f(request):\n    request.app['jobs'][1] = 2",
            ("?", "%request.app.jobs", "mutate", "[]"),
        ),
        (
            "app = FastAPI()\napp.state.jobs = {}\ndef f():\n    app.state.jobs.pop(1)",
            ("", "FastAPI().state.jobs", "remove", "pop"),
        ),
        ("def h(): ...\nh.n = {}\ndef f():\n    h.n[1] = 2", ("", "~h.n", "mutate", "[]")),
        ("def f(self):\n    self.x.add(1)", ("?", "%self.x", "mutate", "add")),
    ],
)
def test_uses_of_fields_closures_and_properties(code: str, expected: tuple[str, str, str, str]) -> None:
    """They carry the owner and name of the binding they resolve to; what is bound elsewhere has the owner `?`."""
    assert expected in uses(code)


def test_a_use_says_which_key_and_what_is_stored() -> None:
    """The key nearest to the container, and the value."""
    found = facts("S = {}\ndef f(sid, m):\n    S[sid]['messages'].append(m)")
    use = next(use for use in found.uses if use.action is Action.MUTATE)
    assert (use.key, use.value) == (Name("%sid"), Name("%m"))


def test_reads_of_private_locals_are_left_out() -> None:
    """They would only cost time; those that an inner function shares are kept."""
    assert not facts("def f():\n    x = {}\n    return x").uses
    shared = facts("def f():\n    x = {}\n    print(x)\n    return lambda: x").uses
    assert {use.scope for use in shared} == {"f", "f.<4>"}


@pytest.mark.parametrize(
    ("code", "path", "value"),
    [
        ("SESSION_TYPE = 'filesystem'", ("SESSION_TYPE",), Constant("filesystem")),
        ("class Prod:\n    SESSION_TYPE = 'redis'", ("SESSION_TYPE",), Constant("redis")),
        ("CACHES = {'default': {'BACKEND': 'x'}}", ("CACHES", "default", "BACKEND"), Constant("x")),
        ("CACHES = dict(default=dict(BACKEND='x'))", ("CACHES", "default", "BACKEND"), Constant("x")),
        ("CACHES['default']['BACKEND'] = 'x'", ("CACHES", "default", "BACKEND"), Constant("x")),
        ("MIDDLEWARE = ['a', 'b']", ("MIDDLEWARE", "1"), Constant("b")),
        ("app.config['X'] = 1", ("X",), Constant(1)),
        ("def make(app):\n    app.config['X'] = 1", ("X",), Constant(1)),
        ("app.config.update(A=1, X=2)", ("X",), Constant(2)),
        ("app.config.update({'X': 2})", ("X",), Constant(2)),
        ("app.config.from_mapping(X=2)", ("X",), Constant(2)),
        ("settings.X = 2", ("X",), Constant(2)),
        ("class S(BaseSettings):\n    url: str = 'sqlite://'", ("url",), Constant("sqlite://")),
        ("class S(BaseSettings):\n    url: str = Field(default='sqlite://')", ("url",), Constant("sqlite://")),
    ],
)
def test_settings(code: str, path: tuple[str, ...], value: object) -> None:
    """Configuration in code, down to the innermost key."""
    assert (path, value) in [(setting.path, setting.value) for setting in facts(code).settings]


def test_settings_in_branches_are_all_told_and_stand_on_their_own_lines() -> None:
    """Each branch gives a value; each keyword of a call is on its line."""
    code = "if DEBUG:\n    BACKEND = 'a'\nelse:\n    BACKEND = 'b'\napp.config.update(\n    A=1,\n    B=2,\n)\n"
    found = [(setting.path, setting.span.line) for setting in facts(code).settings]
    assert found == [(("BACKEND",), 2), (("BACKEND",), 4), (("A",), 6), (("B",), 7)]


def test_returns_and_comments() -> None:
    """A function's results, lambdas too; comments without their marks."""
    found = facts("# guard: ignore[x] reason\ndef f():\n    return S  # why\ng = lambda: 1\n")
    assert [(r.scope, r.span.line) for r in found.returns] == [("f", 3), ("<4>", 4)]
    assert [(c.text, c.span.line) for c in found.comments] == [("guard: ignore[x] reason", 1), ("why", 3)]


def test_broken_files_and_python_2_yield_what_can_be_read() -> None:
    """The rest of the file is read, and the broken place is told."""
    found = facts("import os\ndef f(:\n    pass\nCACHE = {}\nprint 'x', os.getcwd()\nexec 'code'\n")
    assert found.broken
    assert "os" in {item.name for item in found.imports}
    assert "CACHE" in {binding.name for binding in found.bindings}
    assert "os.getcwd" in {call.name for call in found.calls}


def test_line_ends_and_columns() -> None:
    """CRLF counts as one line end; columns count characters, not bytes."""
    found = read_any("app.py", "# é\r\nx = 'é'; y = {}\r\n".encode())
    assert found is not None
    assert [(b.name, b.span) for b in found.bindings] == [("x", Span(2, 2, 1)), ("y", Span(2, 2, 10))]
    assert found.lines[1] == "x = 'é'; y = {}"


def _spans(found: Facts) -> Iterable[Span]:
    kinds = (
        found.imports,
        found.functions,
        found.calls,
        found.bindings,
        found.uses,
        found.returns,
        found.settings,
        found.comments,
    )
    for kind in kinds:
        yield from (item.span for item in kind)
    yield from found.broken


def _all_inside(text: str) -> None:
    found = read("app.py", text, "python")
    for span in _spans(found):
        assert 1 <= span.line <= span.end_line <= len(found.lines)
        assert 1 <= span.column <= len(found.lines[span.line - 1]) + 1


TEXT = Path(inspect.getsourcefile(tarfile) or "").read_text(encoding="utf-8")[:20_000]
PIECES = [
    "def f(",
    "):",
    "\n",
    "    ",
    "x",
    " = ",
    "{",
    "}",
    "[",
    "]",
    "self.",
    "global x",
    "lambda: ",
    '"',
    "é",
    "for x in ",
    "class A(A): ",
    "@",
    ":=",
    "await ",
]


@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    """Nothing that can stand in a file makes the reader fail, and every place lies inside the file."""
    _all_inside(text)


@given(st.integers(0, len(TEXT)), st.integers(0, 200))
@settings(max_examples=25, deadline=None)
def test_any_part_of_a_real_file_is_read(end: int, gap: int) -> None:
    """A file that is cut off or has a hole is read as far as it goes."""
    _all_inside(TEXT[:end] + TEXT[end + gap : end + gap + 500])


DEEP: list[Callable[[int], str]] = [
    lambda n: "(" * n,
    lambda n: "[" * n + "]" * n,
    lambda n: "f(" * n + ")" * n,
    lambda n: "a" + ".b" * n,
    lambda n: "a" + "()" * n,
    lambda n: "x = " + "1 + " * n + "1",
    lambda n: "x = " + "a or " * n + "b",
    lambda n: "not " * n + "x",
    lambda n: "\n".join(" " * i + "if x:" for i in range(min(n, 2000))),
    lambda n: "\n".join(" " * i + "def f():" for i in range(min(n, 1000))),
    lambda n: "\n".join(f"a{i} = a{i + 1}" for i in range(n)) + "\na0.x()",
    lambda n: "class A(B.x): pass\nclass B(A.x): pass\nA.y.z()\n" + "x = x.y\n" * min(n, 3),
]


@pytest.mark.parametrize("make", DEEP)
def test_deep_nesting_is_survived(make: Callable[[int], str]) -> None:
    """Ten thousand levels neither break the reader nor hold it up."""
    start = time.perf_counter()
    _all_inside(make(10_000))
    assert time.perf_counter() - start < 5


def test_mappings_keep_their_keys_and_places() -> None:
    """Computed keys and spreads have none."""
    value = facts("X = {\n    'a': 1,\n    b: 2,\n    **c,\n}").bindings[0].value
    assert isinstance(value, Mapping)
    assert [(entry.key, entry.span.line) for entry in value.entries] == [("a", 2), (None, 3), (None, 4)]


def test_a_dict_named_as_configuration_is_read_as_settings() -> None:
    """`conf = {…}` that is handed over later, `app.conf.update(…)` and `app.conf.x = {…}` tell their innermost keys too."""
    code = """
        def make(app):
            session_opts = {"session.type": "file"}
            app.conf.update(ONCE={"backend": "File"})
            app.conf.beat = {"store": {"kind": "redis"}}
            words = {"session.type": "no setting"}
    """
    found = {setting.path: setting.value for setting in facts(code).settings if isinstance(setting.value, Constant)}
    assert found == {
        ("session.type",): Constant("file"),
        ("ONCE", "backend"): Constant("File"),
        ("beat", "store", "kind"): Constant("redis"),
    }


def test_a_global_that_nothing_binds_is_read() -> None:
    """`global x` may name what only a wildcard import, or nothing at all, brings."""
    assert names("def work():\n    global bus\n    bus.fire('done')\n") == ["~bus.fire"]


def test_a_field_that_is_set_once_can_be_followed() -> None:
    """Analyses ask for the path behind `self.path`."""
    found = facts(
        "class Store:\n    def __init__(self):\n        self.path = 'data.json'\n    def save(self):\n        open(self.path, 'w')"
    )
    assert found.resolve(found.calls[0].positional(0), "Store.save") == Constant("data.json")
