"""The reader of Ruby."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Action, Choice, Constant, Facts, FunctionKind, Name
from guard.languages import read

PIECES = st.sampled_from(
    [
        "class", "module", "def", "end", "do", "|x|", "{", "}", "(", ")", "[", "]", "@x", "@@x", "$x", "X", "x", ".y", "&.z", "::", "=", "||=", "+=", "<<", "=>",
        ":a", "a:", "'", '"', "#{", "%w[", "<<~T", "T", "# c", "\n", " ", ";", "self", "if", "unless", "else", "return", "->", "yield", "nil", "1", "é", "世", "\r\n",
    ]
)  # fmt: skip


def _facts(text: str, path: str = "app/a.rb") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _bound(facts: Facts) -> set[tuple[str, str, bool]]:
    return {(binding.owner, binding.name, binding.instance) for binding in facts.bindings}


def _done(facts: Facts) -> list[tuple[str, str, Action, str]]:
    return [(use.owner, use.name, use.action, use.method) for use in facts.uses if use.action is not Action.READ]


@pytest.mark.parametrize(
    ("path", "text"),
    [("a/b.rb", b""), ("config.ru", b""), ("lib/tasks/x.rake", b""), ("Rakefile", b""), ("bin/run", b"#!/usr/bin/env ruby\n")],
)
def test_ruby_is_told_by_its_name_or_its_first_line(path: str, text: bytes) -> None:
    """Scripts have no extension; tools ask for files by name."""
    facts = read(path, text + b"x = 1\n")
    assert facts is not None
    assert facts.language == "ruby"


def test_templates_are_read_for_the_code_between_their_marks() -> None:
    """What ERB prints around it is no Ruby."""
    facts = read("app/views/a.html.erb", b"<p>text = 1</p>\n<% x = 2 %>\n")
    assert facts is not None
    assert [binding.name for binding in facts.bindings] == ["x"]


def test_variables_belong_to_objects_classes_and_the_process() -> None:
    """What the class itself assigns there is one of; what a method assigns each object has."""
    facts = _facts(
        "class A\n  LIST = []\n  @kept = {}\n  @@count = 0\n  def initialize\n    @own = {}\n  end\n"
        "  def self.all\n    @lazy ||= {}\n  end\nend\n$seen = {}\n"
    )
    assert _bound(facts) >= {
        ("A", "LIST", False),
        ("A", "@kept", False),
        ("A", "@@count", False),
        ("A", "@own", True),
        ("A", "@lazy", False),
        ("", "$seen", False),
    }


def test_changes_reach_the_variable_by_whatever_name() -> None:
    """A method that gives a variable back, the class's name, `self.class` and a second word of methods."""
    facts = _facts(
        "class A\n  @kept = {}\n  def self.kept\n    @kept\n  end\n  def add(k, v)\n    self.class.kept[k] = v\n    A.kept.store(k, v)\n"
        "    A.kept.delete(k)\n  end\nend\n"
    )
    assert _done(facts) == [
        ("A", "@kept", Action.MUTATE, "[]"),
        ("A", "@kept", Action.MUTATE, "store"),
        ("A", "@kept", Action.REMOVE, "delete"),
    ]


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("class << self\n attr_accessor :jobs\n end\n @jobs = {}", "@jobs"),
        ("cattr_accessor :jobs, default: {}", "@@jobs"),
        ("mattr_accessor :jobs, default: {}", "@@jobs"),
        ("class_attribute :jobs, default: {}", "@@jobs"),
        ("set :jobs, {}", "jobs"),
    ],
)
def test_accessors_of_a_class_give_its_variable_back(declared: str, name: str) -> None:
    """Rails' and Ruby's own, and Sinatra's settings; with the value that they are given."""
    facts = _facts(f"class A\n {declared}\n def self.add(id, x)\n  A.jobs[id] = x\n end\nend\n")
    (binding,) = [binding for binding in facts.bindings if binding.name == name]
    assert (binding.owner, binding.instance, text_of(binding.value)) == ("A", False, "{}")
    assert _done(facts) == [("A", name, Action.MUTATE, "[]")]


def test_accessors_of_objects_make_nothing_of_the_class() -> None:
    """`attr_accessor` outside of `class << self` is about objects."""
    assert not _facts("class A\n  attr_accessor :jobs\nend\n").bindings


def test_settings_of_a_sinatra_application() -> None:
    """Also by `settings` in a route, and of a file without a class."""
    facts = _facts(
        "class A < Sinatra::Base\n  set :jobs, []\n  post '/' do\n    settings.jobs << params\n  end\nend\n"
        "set :seen, {}\nget '/' do\n  settings.seen[1] = 2\nend\n"
    )
    assert _done(facts) == [("A", "jobs", Action.MUTATE, "<<"), ("", "settings.seen", Action.MUTATE, "[]")]


def test_configuration_of_rails() -> None:
    """Assignments below `config` are settings, with the members of a list one by one."""
    facts = _facts(
        "Rails.application.configure do\n  config.cache_store = :file_store, 'tmp'\n  config.active_job.queue_adapter = :async\nend\n"
    )
    told = {(".".join(setting.path), text_of(setting.value)) for setting in facts.settings}
    assert {("config.cache_store.0", "file_store"), ("config.active_job.queue_adapter", "async")} <= told


def test_calls_have_keywords_blocks_and_namespaces() -> None:
    """Symbols are texts, hashes without braces are keywords, a block is registered with its call."""
    facts = _facts("use Rack::Session::Pool, expire_after: 60\nget('/x') { |id| ::Foo::Bar.new(id) }\n")
    pool = next(call for call in facts.calls if call.name == "use")
    assert pool.positional(0) == Name("Rack.Session.Pool")
    assert pool.option("expire_after") == Constant(60)
    assert "Foo.Bar" in {call.name for call in facts.calls}
    (block,) = [function for function in facts.functions if not function.name]
    assert block.registered is not None
    assert (block.registered.name, block.parameters) == ("get", ("id",))


def test_bases_and_what_a_class_includes() -> None:
    """A module that is included says as much as a base."""
    facts = _facts("class A < B::C\n  include Sidekiq::Job\n  extend D\nend\n")
    (kind,) = [function for function in facts.functions if function.kind is FunctionKind.CLASS]
    assert kind.bases == ("B.C", "Sidekiq.Job", "D")


def test_what_stands_for_one_of_several() -> None:
    """`a || b` and `c ? a : b`."""
    facts = _facts("config.a = ENV['X'] || :memory\nconfig.b = x ? :redis : :memory\n")
    choices = [setting.value for setting in facts.settings if isinstance(setting.value, Choice)]
    assert [[text_of(option) for option in choice.options][-1] for choice in choices] == ["memory", "memory"]


def test_newer_ruby_is_read() -> None:
    """A block that is passed on without a name, in a call without parentheses; methods of one line; patterns."""
    facts = _facts(
        "def field(&)\n  tag.div class: 'field', &\nend\ndef twice(x) = x * 2\ncase x\nin {a: Integer => b} then b\nend\n"
    )
    assert not facts.broken
    assert next(call for call in facts.calls if call.name == "tag.div").option("class") == Constant("field")


@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_no_text_stops_the_reader(text: str) -> None:
    """Half-written code is what a review often sees."""
    facts = read("app/a.rb", text.encode())
    assert facts is not None
    assert all(1 <= call.span.line <= len(facts.lines) for call in facts.calls)
