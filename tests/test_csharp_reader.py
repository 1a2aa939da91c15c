"""The reader of C#."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.facts import Action, Call, Constant, Facts, FunctionKind, Name
from guard.languages import read, reader_for
from guard.project import manifest_paths, project_from
from guard.roles import Role, role_of

PIECES = st.sampled_from(
    [
        "class C", "record R(int a)", "using A.B;", "namespace N;", "public", "static", "readonly", "async", "required", "(", ")", "{", "}", "[", "]", "<T>",
        "Dictionary<string, int>", "x", "y.z", "?.", "??", "??=", "=>", "=", "+=", "++", ",", ";", ":", "\n", "\t", "'", '"', '$"{x}"', '@"', '"""', "//", "/*", "*/",
        "#if DEBUG", "#endif", "new()", "new C(", "await", "foreach (var a in b)", "out var v", "ref x", "typeof(T)", "get;", "set;", "return", "1", "é", "世", "\r\n",
    ]
)  # fmt: skip


def _facts(text: str, path: str = "Shop/Program.cs") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _calls(text: str) -> list[str]:
    return [call.name for call in _facts(text).calls]


def _done(facts: Facts) -> list[tuple[str, str, Action, str]]:
    return [(use.owner, use.name, use.action, use.method) for use in facts.uses if use.action is not Action.READ]


def test_csharp_is_told_by_its_name() -> None:
    """Code of people is read, code of designers and generators is not."""
    assert reader_for("Shop/Startup.cs", b"") is not None
    assert reader_for("Shop/Form1.Designer.cs", b"") is None
    assert reader_for("Shop/Regexes.g.cs", b"") is None


def test_a_razor_pages_code_behind_is_csharp() -> None:
    """`Edit.cshtml.cs` holds the handlers of a page."""
    facts = _facts("public class EditModel : PageModel\n{\n    public void OnPost() { }\n}\n", "Pages/Edit.cshtml.cs")
    assert [(f.name, f.kind, f.bases) for f in facts.functions] == [
        ("EditModel", FunctionKind.CLASS, ("PageModel",)),
        ("OnPost", FunctionKind.METHOD, ()),
    ]


def test_usings_are_imports_and_aliases_are_followed() -> None:
    """A namespace binds no name of its own, an alias binds one."""
    facts = _facts("using System.IO;\nusing Disk = System.IO.File;\nglobal using Shop.Data;\nDisk.WriteAllText(path, text);\n")
    assert [(one.name, one.local) for one in facts.imports] == [
        ("System.IO.*", ""),
        ("System.IO.File", "Disk"),
        ("Shop.Data.*", ""),
    ]
    assert [call.name for call in facts.calls] == ["System.IO.File.WriteAllText"]


def test_type_arguments_are_told_as_arguments() -> None:
    """What a container of dependencies is given is a type, in brackets, as a value, or made in place."""
    facts = _facts(
        "services.AddSingleton<IJobs, Jobs>();\nservices.AddScoped(typeof(IRepo<>), typeof(Repo<>));\nservices.AddSingleton<IJobs>(_ => new Jobs());\n"
        "public class Jobs : IJobs { }\n"
    )
    first, second, third = (call for call in facts.calls if call.name.startswith("services."))
    assert [(one.name, one.value) for one in first.arguments] == [("<0>", Name("IJobs")), ("<1>", Name("~Jobs"))]
    assert [one.value for one in second.arguments] == [Name("IRepo"), Name("Repo")]
    assert third.option("<0>") == Name("IJobs")
    assert isinstance(facts.returns[0].value, Call)
    assert facts.returns[0].value.name == "~Jobs"


def test_a_primary_constructor_declares_fields() -> None:
    """Its parameters live as long as the object, where they are written."""
    facts = _facts(
        "public class Jobs(\n    ILogger log,\n    IMemoryCache cache)\n{\n    void Keep(string id) => cache.Set(id, 1);\n}\n"
    )
    assert [(b.name, b.owner, b.type, b.span.line, b.instance) for b in facts.bindings] == [
        ("log", "Jobs", "ILogger", 2, True),
        ("cache", "Jobs", "IMemoryCache", 3, True),
    ]
    assert _done(facts) == [("Jobs", "cache", Action.MUTATE, "Set")]


@pytest.mark.parametrize(
    ("member", "instance", "constant"),
    [
        ("private static readonly Dictionary<string, int> Kept = new();", False, True),
        ("public Dictionary<string, int> Kept { get; } = new();", True, False),
        ("public static Dictionary<string, int> Kept { get; set; } = new Dictionary<string, int>();", False, False),
        ("private readonly Dictionary<string, int> Kept = new Dictionary<string, int>();", True, True),
    ],
)
def test_fields_and_properties_are_bindings(member: str, instance: bool, constant: bool) -> None:
    """A property that is no method is a field; `new()` makes what is declared."""
    facts = _facts(f"class Shop\n{{\n    {member}\n    void Add(string key) {{ Kept[key] = 1; Kept.Remove(key); }}\n}}\n")
    (binding,) = facts.bindings
    assert (binding.owner, binding.name, binding.instance, binding.constant) == ("Shop", "Kept", instance, constant)
    assert isinstance(binding.value, Call)
    assert binding.value.name == "Dictionary"
    assert _done(facts) == [("Shop", "Kept", Action.MUTATE, "[]"), ("Shop", "Kept", Action.REMOVE, "Remove")]


def test_a_property_with_code_is_a_method() -> None:
    """What `get` and `set` do is done by it."""
    facts = _facts(
        "class Shop\n{\n    int _count;\n    int Count { get => _count; set { _count = value; } }\n    int Twice => _count * 2;\n}\n"
    )
    assert {f.name for f in facts.functions if f.kind is FunctionKind.METHOD} == {"Count", "Twice"}
    assert ("Shop", "_count", Action.REBIND, "=") in _done(facts)


def test_top_level_statements_run_once_and_their_functions_with_requests() -> None:
    """A variable of a program's own statements lives as long as the process."""
    facts = _facts(
        'var app = WebApplication.CreateBuilder(args).Build();\nvar todos = new List<string>();\napp.MapPost("/", (string todo) => todos.Add(todo));\napp.Run();\n'
    )
    assert [(b.name, b.owner) for b in facts.bindings] == [("app", ""), ("todos", "")]
    (handler,) = facts.functions
    assert handler.registered is not None
    assert handler.registered.name == "WebApplication.CreateBuilder().Build().MapPost"
    assert _done(facts) == [("", "todos", Action.MUTATE, "Add")]


def test_interlocked_counts_what_it_is_given() -> None:
    """As a statement it only counts; as a value it is read as well."""
    facts = _facts(
        "class C\n{\n    static int a, b;\n    void F() { Interlocked.Increment(ref a); }\n    int G() => Interlocked.Add(ref b, 5);\n    void H() { Interlocked.Exchange(ref a, 0); }\n}\n"
    )
    assert _done(facts) == [
        ("C", "a", Action.REBIND, "++"),
        ("C", "b", Action.REBIND, "+="),
        ("C", "a", Action.REBIND, "="),
    ]
    assert [use.name for use in facts.uses if use.action is Action.READ] == ["b"]


def test_partial_classes_of_a_file_are_one_scope_each() -> None:
    """Fields of one part are known by their part's name."""
    facts = _facts("partial class C { static List<int> Kept = new(); }\npartial class C { void F() { Kept.Add(1); } }\n")
    assert [b.owner for b in facts.bindings] == ["C"]


def test_an_element_that_comes_out_of_a_container() -> None:
    """`out var x` is an element: what is done to it is done to the container."""
    facts = _facts(
        "class C\n{\n    Dictionary<string, Job> _jobs = new();\n    void Done(string id) { if (_jobs.TryGetValue(id, out var job)) job.State = 2; }\n}\n"
    )
    assert ("C", "_jobs", Action.MUTATE, "=") in _done(facts)


def test_a_chain_with_question_marks() -> None:
    """`a?.b?.c()` is a call of a member of a member."""
    assert _calls("class C { void F(User u) { u?.Cart?.Items?.Add(1); } }") == ["User().Cart.Items.Add"]


def test_texts_of_every_kind() -> None:
    """Plain, verbatim, raw and interpolated."""
    calls = _facts('F("a\\\\b", @"c\\d", """e""", $"f{g}");').calls
    values = [argument.value for argument in calls[0].arguments]
    assert values[:3] == [Constant("a\\b"), Constant("c\\d"), Constant("e")]


@pytest.mark.parametrize(
    "text",
    [
        "class C { Task F(bool async) => async ? G(async) : H(); }",
        "class C { void F(List<int> required) { required.Add(1); required[0] = 2; } }",
        "class C { object F(Type type) => x.Concat([type]); }",
        'class C { void F() { Log($""); } }',
        "class C { static async Task F() { await G(async () => { }); } required public int X { get; set; } }",
        "\ufeffusing System;\nclass C { }",
    ],
)
def test_what_the_grammar_does_not_know_is_read_all_the_same(text: str) -> None:
    """Words that are keywords elsewhere are names here."""
    assert not _facts(text).broken


def test_names_are_not_taken_out_of_what_is_hidden() -> None:
    """What the parser is not shown is still what is told."""
    facts = _facts("class C { void F(List<int> required) { required.Add(1); } }")
    assert [(f.parameters, f.parameter_types) for f in facts.functions if f.name == "F"] == [(("required",), ("List",))]
    assert [call.name for call in facts.calls] == ["List().Add"]


@given(st.lists(PIECES, max_size=40))
def test_no_text_breaks_the_reader(pieces: list[str]) -> None:
    """Whatever is in the file, facts come out."""
    facts = _facts(" ".join(pieces))
    assert facts.language == "csharp"


def test_long_chains_and_deep_nesting_are_read() -> None:
    """Nothing that people or generators write exhausts the stack."""
    assert _facts("var x = " + "F(" * 400 + ")" * 400 + ";").language == "csharp"
    assert _facts("var x = a" + ".With(1)" * 2000 + ";").language == "csharp"


def test_a_project_file_says_that_the_project_serves() -> None:
    """A project is named as its folder is; its SDK, frameworks and packages are what it depends on."""
    assert "src/Shop.Web/Shop.Web.csproj" in manifest_paths(["src/Shop.Web/Controllers/Home.cs"])
    web = project_from(
        {
            "Shop.Web.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">\n  <PackageReference Include="StackExchange.Redis" Version="2.7.4" />\n</Project>'
        }
    )
    assert web.serves
    assert "stackexchange.redis" in web.dependencies
    assert project_from(
        {"packages.config": '<packages><package id="Microsoft.AspNet.Mvc" version="5.2.3" /></packages>'}
    ).serves
    assert not project_from({"Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>'}).serves


@pytest.mark.parametrize(
    ("path", "text", "role"),
    [
        ("Shop.Web/Startup.cs", "using Microsoft.AspNetCore.Builder;\n", Role.SERVER),
        ("Shop.UnitTests/Carts.cs", "class Carts { }\n", Role.TEST),
        ("Shop/Carts.cs", "using Xunit;\n", Role.TEST),
        ("build/Copy.cs", "using Microsoft.Build.Utilities;\n", Role.BUILD),
        ("Shop/Cli.cs", "using System.CommandLine;\n", Role.COMMAND_LINE),
        ("Shop.Client/Program.cs", "using Microsoft.AspNetCore.Components.WebAssembly.Hosting;\n", Role.BROWSER),
        ("Shop/Window.cs", "using System.Windows.Controls;\n", Role.DESKTOP),
    ],
)
def test_what_a_file_is_for(path: str, text: str, role: Role) -> None:
    """Its path says it, or what it imports."""
    assert role_of(_facts(text, path), project_from({})) is role
