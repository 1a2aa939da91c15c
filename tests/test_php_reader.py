"""The reader of PHP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Action, Constant, Facts, FunctionKind, Name
from guard.languages import read, reader_for

PIECES = st.sampled_from(
    [
        "class A", "function f", "(", ")", "{", "}", "[", "]", "$x", "$this", "->y", "?->z", "::", "self", "static", "=", "??=", ".=", "=>", "'", '"', "{$x}", ";",
        "<?php", "?>", "<p>", "// c", "/*", "*/", "#[A]", "namespace A;", "use B\\C;", "new A", "fn", "match", "return", "if", "foreach", "as", "1", "é", "世", "\n",
    ]
)  # fmt: skip


def _facts(text: str, path: str = "src/A.php") -> Facts:
    facts = read(path, f"<?php\n{text}".encode())
    assert facts is not None
    return facts


def _calls(text: str) -> set[str]:
    return {call.name for call in _facts(text).calls}


def _done(facts: Facts) -> list[tuple[str, str, Action, str]]:
    return [(use.owner, use.name, use.action, use.method) for use in facts.uses if use.action is not Action.READ]


@pytest.mark.parametrize("path", ["a.php", "a.phtml", "legacy/a.inc", "drupal.module"])
def test_php_is_told_by_its_name_and_its_tag(path: str) -> None:
    """A name alone is not enough: templates of other things end in `.php` too."""
    assert reader_for(path, b"<?php\n") is not None
    facts = read(path, b"<p>no tag</p>\n")
    assert facts is None or facts.language != "php"


def test_templates_of_blade_are_read_for_their_blocks_of_php() -> None:
    """What stands around them is text."""
    facts = read("resources/views/a.blade.php", b"<p>$z = 1;</p>@php $y = 1; @endphp\n")
    assert facts is not None
    assert [binding.name for binding in facts.bindings] == ["y"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("use Illuminate\\Support\\Facades\\Cache; Cache::store('file');", "Illuminate.Support.Facades.Cache.store"),
        ("use A\\{B, C as D}; new D();", "A.C"),
        ("use A\\B as C; C::make()->run();", "A.B.make().run"),
        ("\\Storage::put('a', 1);", "Storage.put"),
        ("namespace N; new \\SQLite3('x');", "SQLite3"),
    ],
)
def test_names_come_with_their_namespace(text: str, name: str) -> None:
    """Through `use`, groups, aliases, and a backslash in front."""
    assert name in _calls(text)


def test_parameters_have_their_types() -> None:
    """What a method is given is called by its type."""
    facts = _facts(
        "use Illuminate\\Http\\Request;\nclass A { function f(Request $request) { $request->file('a')->store('b'); } }\n"
    )
    assert "Illuminate.Http.Request().file().store" in {call.name for call in facts.calls}
    assert next(function for function in facts.functions if function.name == "f").parameter_types == ("Request",)


def test_statics_fields_and_constants() -> None:
    """What a class has once, what each object has, and what a constructor promotes."""
    facts = _facts(
        "class A { const X = 1; private static array $all = []; private $own = []; function __construct(private Db $db) {} }\n"
    )
    bound = {(binding.owner, binding.name): (binding.instance, binding.constant) for binding in facts.bindings}
    assert bound["A", "all"] == (False, False)
    assert bound["A", "own"] == (True, False)
    assert bound["A", "X"] == (False, True)
    assert bound["A", "db"][0]


def test_changes_of_statics_and_of_what_php_hands_over() -> None:
    """By `self`, `static` and the class's name; `[]` appends; `unset` removes."""
    facts = _facts(
        "class A { static $all = [];\n function f($k) { self::$all[$k] = 1; static::$all[] = 2; A::$all[$k]++; unset(self::$all[$k]); $_SESSION['u'] = $k; } }\n"
    )
    assert _done(facts) == [
        ("A", "all", Action.MUTATE, "[]"),
        ("A", "all", Action.MUTATE, "append"),
        ("A", "all", Action.MUTATE, "++"),
        ("A", "all", Action.REMOVE, "delete"),
        ("?", "$_SESSION", Action.MUTATE, "[]"),
    ]


def test_a_file_that_gives_back_its_configuration() -> None:
    """What `return [...]` holds is settings, and what `$config[...]` is assigned."""
    facts = _facts("return ['driver' => env('SESSION_DRIVER', 'file'), 'stores' => ['a' => ['driver' => 'apc']]];\n")
    told = {".".join(setting.path): setting.value for setting in facts.settings}
    assert told["stores.a.driver"] == Constant("apc")
    assert text_of(told["driver"]).startswith("env(")
    assigned = _facts("$config['sess_driver'] = 'files';\n").settings
    assert [(setting.path, setting.value) for setting in assigned] == [(("config", "sess_driver"), Constant("files"))]


def test_texts_with_variables_and_joined_ones() -> None:
    """`"a {$b}"` and `'a' . $b` are the same to a pattern of values."""
    facts = _facts("f(\"/srv/{$name}.txt\"); g('/srv/' . $name . '.txt');\n")
    assert {text_of(call.arguments[0].value) for call in facts.calls} == {"/srv/${}.txt"}


@pytest.mark.parametrize(
    "text",
    [
        "class A { public const string DEFAULT = 'x'; const LIST = 1; }",
        "class A { public string $x { get => $this->y; } }",
        "enum A: string { case Default = 'x'; }",
        "$a = new Foo()->bar();",
        "$c = $i + 1 < $max ? $text{$i+1} : '';",
        "readonly class A { public function __construct(private readonly Foo $x) {} }",
    ],
)
def test_newer_and_older_php_is_read(text: str) -> None:
    """What the last versions of the language brought, and what they took away."""
    assert not _facts(text).broken


def test_attributes_are_annotations_and_closures_are_handed_over() -> None:
    """An attribute of PHP is no call; a closure knows the call that it was given to."""
    facts = _facts(
        "class A { #[Route('/x')] function f() { return 1; } }\n$app->get('/x', function ($request) { return 1; });\n"
    )
    method = next(function for function in facts.functions if function.name == "f")
    assert [text_of(note) for note in method.decorators] == ["Route(…)"]
    closure = next(function for function in facts.functions if not function.name and function.kind is FunctionKind.FUNCTION)
    assert closure.registered is not None
    assert closure.registered.positional(0) == Constant("/x")


def test_html_around_is_left_out() -> None:
    """What stands outside of the tags is no code."""
    facts = read("a.php", b"<h1>eval(x)</h1>\n<?php f($a); ?>\n<p><?= g() ?></p>\n")
    assert facts is not None
    assert {call.name for call in facts.calls} == {"f", "g"}
    assert facts.calls[0].arguments[0].value == Name("a")


@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_no_text_stops_the_reader(text: str) -> None:
    """Half-written code is what a review often sees."""
    facts = read("src/A.php", f"<?php {text}".encode())
    assert facts is not None
    assert all(1 <= call.span.line <= len(facts.lines) for call in facts.calls)
