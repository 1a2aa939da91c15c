"""The readers of assignments: env, properties, ini, TOML, JSON, XML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Choice, Constant, Facts, Listing, Mapping, Setting, Template, Unknown
from guard.languages import read

PATHS = (
    ".env",
    "application.properties",
    "src/main/resources/application.conf",
    "php.ini",
    "fly.toml",
    "appsettings.json",
    "context.xml",
)
PIECES = st.sampled_from(
    [
        "a",
        "KEY",
        "=",
        ":",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        " ",
        "#",
        ";",
        "[",
        "]",
        "{",
        "}",
        "[[",
        ",",
        "${",
        "{{",
        "}}",
        "{%",
        "%}",
        "<%",
        "/*",
        "//",
        "é",
        "\0",
        "1",
        "true",
        "#---",
        "<a>",
        "</a>",
        "<b c='d'/>",
        "<!--",
        "-->",
        "<![CDATA[",
    ]
)


def _facts(path: str, text: str) -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _pairs(facts: Facts) -> dict[str, str]:
    return {".".join(setting.path): text_of(setting.value) for setting in facts.settings}


def _setting(facts: Facts, path: str) -> Setting:
    return next(setting for setting in facts.settings if ".".join(setting.path) == path)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        (".env", "env"),
        (".env.example", "env"),
        ("deploy/.env.production", "env"),
        ("env.sample", "env"),
        ("config/app.env.j2", "env"),
        ("env.py", "python"),
        ("src/env.d.ts", None),
        ("src/environment.ts", "typescript"),
        ("src/main/resources/application-prod.properties", "properties"),
        ("api/src/main/resources/application.conf", "properties"),
        ("conf/application.prod.conf", "properties"),
        ("etc/application.conf", None),
        ("php.ini-production", "ini"),
        ("uwsgi.ini.tmpl", "ini"),
        ("shop.service", "ini"),
        ("fly.toml", "toml"),
        ("package.json", "json"),
        ("package-lock.json", None),
    ],
)
def test_a_format_is_told_by_the_name_of_the_file(path: str, language: str | None) -> None:
    """Names with template and sample endings count, programs that are called env do not."""
    facts = read(path, b"")
    assert (facts and facts.language) == language


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("pool.d/www.conf", "[www]\nuser = www-data\nphp_value[session.save_handler] = files\n", "ini"),
        ("supervisord.conf", "[supervisord]\nnodaemon=true\n", "ini"),
        ("setup.cfg", "[metadata]\nname = x\n", "ini"),
        ("Web.config", "<?xml version='1.0'?>\n<configuration/>\n", "xml"),
        (".ebextensions/lb.config", "option_settings:\n  a: b\n", "yaml"),
        ("notes", "[1] see x = y\nprose and more prose\nprose\n", None),
    ],
)
def test_ini_is_told_by_content_where_the_name_is_shared(path: str, text: str, language: str | None) -> None:
    """`.conf` and `.cfg` belong to several formats."""
    facts = read(path, text.encode())
    assert (facts and facts.language) == language


def test_env_reads_quotes_exports_comments_and_several_lines() -> None:
    """What dotenv reads, at the lines where it stands."""
    facts = _facts(".env", '# store\nexport SESSION_DRIVER="file" # for now\nKEY="a\nb"\nPLAIN=x y\nEMPTY=\n#OLD=1\n')
    assert _pairs(facts) == {"SESSION_DRIVER": "file", "KEY": "a\nb", "PLAIN": "x y", "EMPTY": ""}
    assert (_setting(facts, "KEY").span.line, _setting(facts, "KEY").span.end_line) == (3, 4)
    assert [comment.text for comment in facts.comments] == ["store", "for now", "OLD=1"]


def test_a_default_in_a_hole_is_a_choice() -> None:
    """`${X:-y}` may be y; a hole without a default is unknown, and literal text around it is kept."""
    facts = _facts(".env", "A=${A:-file}\nB=${B}\nC=sqlite:///{{ path }}/db\nD={{ d | default('array') }}\nE=${E:?missing}\n")
    values = {setting.path[0]: setting.value for setting in facts.settings}
    assert values["A"] == Choice((Unknown("${A:-file}"), Constant("file")))
    assert values["B"] == Unknown("${B}")
    assert values["C"] == Template((Constant("sqlite:///"), Unknown("{{ path }}"), Constant("/db")))
    assert values["D"] == Choice((Unknown("{{ d | default('array') }}"), Constant("array")))
    assert values["E"] == Unknown("${E:?missing}")


def test_properties_read_all_separators_continuations_and_documents() -> None:
    """As java.util.Properties does, and Spring divides documents."""
    facts = _facts(
        "a.properties",
        "spring.session.store-type=none\na.b : c \\\n   d\n! note\nplain value\nuni=\\u0041\n#---\nx=${DIR:./data}/y\n",
    )
    assert _pairs(facts) == {"spring.session.store-type": "none", "a.b": "c d", "plain": "value", "uni": "A", "x": "${}/y"}
    assert (_setting(facts, "a.b").span.line, _setting(facts, "a.b").span.end_line) == (2, 3)
    assert _setting(facts, "x").document == 1
    assert _setting(facts, "uni").document == 0


def test_hocon_reads_nested_and_dotted_keys_and_what_a_variable_may_replace() -> None:
    """What stands above `${?DATABASE_URL}` is the default of that; lists and remarks are no settings."""
    text = (
        "# top\nktor {\n  deployment { port = 8080, host: localhost }\n  modules = [ shop.Main,\n    shop.More ]\n}\n"
        'db.default.url = "jdbc:h2:mem:play" // here\ndb.default.url = ${?DATABASE_URL}\n"a.b" { c += x }\nfile = data/shop.db }\n'
    )
    facts = _facts("conf/application.conf", text)
    assert _pairs(facts) == {
        "ktor.deployment.port": "8080",
        "ktor.deployment.host": "localhost",
        "db.default.url": "${DATABASE_URL:jdbc:h2:mem:play} | jdbc:h2:mem:play",
        "a.b.c": "x",
        "file": "data/shop.db",
    }
    url = _setting(facts, "db.default.url")
    assert isinstance(url.value, Choice)
    assert url.value.options[1] == Constant("jdbc:h2:mem:play")
    assert url.span.line == 7
    assert _setting(facts, "a.b.c").path == ("a.b", "c")
    assert [comment.text for comment in facts.comments] == ["top", "here"]


def test_ini_reads_sections_php_keys_continuations_and_notes() -> None:
    """A section is the first key; PHP's own form of a key is two."""
    text = 'top=1\n[www]\nphp_value[session.save_path] = "/srv" ; here\n; a comment\nx = a\n    b\ny = 1 \\\n 2\n'
    facts = _facts("php.ini", text)
    assert _pairs(facts) == {"top": "1", "www.php_value.session.save_path": "/srv", "www.x": "a\nb", "www.y": "1\n2"}
    assert [comment.text for comment in facts.comments] == ["here", "a comment"]


def test_toml_reads_tables_arrays_and_inline_tables() -> None:
    """A table that is written out is a place too, from its header to its last pair."""
    text = 'app = "x"\n[mounts]\n  source = "data" # why\n  destination = "/data"\n[[services]]\na.b = 1\n[services.x]\nc = [{d = true}]\n[[services]]\n"e.f" = 2\n'
    facts = _facts("fly.toml", text)
    pairs = _pairs(facts)
    assert pairs["mounts.destination"] == "/data"
    assert pairs["services.0.x.c.0.d"] == "true"
    assert _setting(facts, "services.1.e.f").path == ("services", "1", "e.f")
    assert (_setting(facts, "mounts").span.line, _setting(facts, "mounts").span.end_line) == (2, 4)
    assert [comment.text for comment in facts.comments] == ["why"]


def test_json_reads_comments_bare_keys_and_holes() -> None:
    """What people write into files called .json is read where it stands."""
    text = '{\n  // note\n  "a": {"b": [1, "x", null],},\n  c: {{ hole }},\n  "d": "${D:-e}",\n}\n'
    facts = _facts("x.json", text)
    assert _pairs(facts) == {
        "a": "{…}",
        "a.b": "[1, x, null]",
        "a.b.0": "1",
        "a.b.1": "x",
        "a.b.2": "null",
        "c": "{{ hole }}",
        "d": "${D:-e} | e",
    }
    assert _setting(facts, "a.b").value == Listing((Constant(1), Constant("x"), Constant(None)))
    assert (_setting(facts, "c").span.line, _setting(facts, "c").span.column) == (4, 3)
    assert not facts.broken


def test_a_large_json_file_on_one_line_is_data() -> None:
    """Animations, translations and dumps cost nothing; the same on many lines is read."""
    pairs = [f'"key{number}": {number}' for number in range(5_000)]
    assert _facts("x.json", "{" + ", ".join(pairs) + "}").settings == ()
    assert len(_facts("x.json", "{\n" + ",\n".join(pairs) + "\n}").settings) == 5_000


def test_tags_that_steer_are_no_lines_of_an_env_file() -> None:
    """A template's comments and conditions are left out; what it prints is a value nobody knows."""
    facts = read("templates/env.j2", b"{#\nLicence\n#}\n{% if a %}\nA={{ x }}\n{% endif %}\nB=c\n")
    assert facts is not None
    assert not facts.broken
    assert [(s.path[0], text_of(s.value), s.span.line) for s in facts.settings] == [("A", "{{ x }}", 5), ("B", "c", 7)]
    assert facts.lines[1] == "Licence"


def test_what_is_compiled_from_bicep_is_read_there() -> None:
    """The template says who made it: its settings would be those of the other file once more."""
    text = '{\n  "metadata": {\n    "_generator": {\n      "name": "bicep"\n    }\n  },\n  "resources": [{"a": 1}]\n}\n'
    compiled, written = read("main.json", text.encode()), read("main.json", text.replace("bicep", "hand").encode())
    assert compiled is not None
    assert written is not None
    assert (len(compiled.settings), len(compiled.lines)) == (0, 9)
    assert written.settings


def test_json_that_breaks_off_yields_what_was_read() -> None:
    """A broken end is said, and what stands before it is there."""
    facts = _facts("x.json", '{"a": 1,\n "b": {"c": true,\n')
    assert _pairs(facts)["b.c"] == "true"
    assert facts.broken
    assert isinstance(_setting(facts, "b").value, Mapping)


def test_xml_reads_elements_attributes_and_text() -> None:
    """Elements side by side are told apart, comments are none of them, prefixes are dropped."""
    text = '<?xml version="1.0"?>\n<c:configuration>\n  <!-- <old mode="x"/> -->\n  <state\n    mode="InProc" />\n  <add key="a" />\n  <add key="b">text</add>\n</c:configuration>\n'
    facts = _facts("context.xml", text)
    assert _pairs(facts) == {
        "configuration": "",
        "configuration.state": "",
        "configuration.state.mode": "InProc",
        "configuration.add": "",
        "configuration.add.key": "a",
        "configuration.add.1": "text",
        "configuration.add.1.key": "b",
    }
    assert _setting(facts, "configuration.state.mode").span.line == 5
    assert (_setting(facts, "configuration").span.line, _setting(facts, "configuration").span.end_line) == (2, 8)
    assert [comment.text for comment in facts.comments] == ['<old mode="x"/>']
    assert _facts("context.xml", "<a>\n<b c='d'>\n").settings


@pytest.mark.parametrize("path", PATHS)
@given(pieces=st.lists(PIECES, max_size=60))
def test_no_text_raises_and_every_span_lies_in_the_file(path: str, pieces: list[str]) -> None:
    """Whatever stands in a file, its facts point into it."""
    facts = _facts(path, "".join(pieces))
    for span in [*(s.span for s in facts.settings), *(c.span for c in facts.comments)]:
        assert 1 <= span.line <= span.end_line <= len(facts.lines)
        assert span.column >= 1


@pytest.mark.parametrize("path", PATHS)
@given(pieces=st.lists(PIECES.filter(lambda piece: "\r" not in piece), max_size=60))
def test_line_ends_of_windows_make_no_difference(path: str, pieces: list[str]) -> None:
    """CR LF reads like LF."""
    text = "".join(pieces)
    assert _facts(path, text.replace("\n", "\r\n")).settings == _facts(path, text).settings


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        '{"a":' * 20_000,
        "x" * 2_000_000,
        "a=${" * 30_000,
        "a={{" * 30_000,
        "a.b" * 20_000 + "=1",
        "<a>" * 20_000,
        "<a b='c'> x" * 20_000,
    ],
)
def test_deep_nesting_and_long_lines_are_bounded(path: str, text: str) -> None:
    """Hostile texts neither overflow the stack nor take long."""
    start = time.process_time()
    _facts(path, text)
    assert time.process_time() - start < 5
