"""What the reader of Kotlin tells that is Kotlin's own; what it shares with other languages stands in test_lowered_readers.py."""

from __future__ import annotations

import pytest

from guard.facts import Action, Binding, Call, Constant, Facts, Name, Template, Use, last_segment
from guard.languages import read

CARTS = """\
package com.acme.shop

import com.acme.Ids.next
import java.util.concurrent.ConcurrentHashMap as Concurrent
import org.springframework.web.bind.annotation.PostMapping

val sessions = mutableMapOf<String, User>()
private var current: String? = null
const val FOLDER = "/var/carts"

object Registry {
    val rooms = Concurrent<String, Room>()
    fun join(userId: String) { rooms.getOrPut(userId) { Room() }.add(userId) }
}

class Carts(private val repo: Repo, @Value("${'$'}{carts.folder}") private val folder: String) : Base(), Listener {
    companion object {
        private val codes = HashMap<String, String>()
        @JvmStatic fun issue(phone: String): String { codes[phone] = next(); return codes[phone]!! }
    }
    private val cache by lazy { mutableListOf<Item>() }
    private val items: MutableList<Item> = mutableListOf()
    var count = 0
        private set
    val size get() = items.size

    @PostMapping("/{userId}")
    fun add(@PathVariable userId: String, item: Item?): Cart? {
        count += 1
        items += item!!
        sessions[userId]?.touch()
        current = userId
        val path = "$FOLDER/${item.id}"
        val known = sessions[userId] ?: User(userId).also { sessions[userId] = it }
        codes.remove(userId)
        return repo.find(userId)?.let { Cart(it) }
    }
}

suspend fun Route.carts() {
    val hits = Concurrent<String, Int>()
    get("/hits/{id}") { hits.merge(call.parameters["id"], 1, Int::plus) }
}
"""


def _read(text: str) -> Facts:
    facts = read("src/main/kotlin/Carts.kt", text.encode())
    assert facts is not None
    assert not facts.broken
    return facts


FACTS = _read(CARTS)


def _binding(name: str) -> Binding:
    return next(binding for binding in FACTS.bindings if binding.name == name)


def _uses(name: str) -> list[Use]:
    return [use for use in FACTS.uses if use.name == name]


def test_names_go_through_imports_and_their_aliases() -> None:
    """`import a.B as C` makes `C()` an `a.B`."""
    assert ("java.util.concurrent.ConcurrentHashMap", "Concurrent") in [(i.name, i.local) for i in FACTS.imports]
    rooms = _binding("rooms").value
    assert isinstance(rooms, Call)
    assert rooms.name == "java.util.concurrent.ConcurrentHashMap"


def test_who_owns_a_property() -> None:
    """The file, an object, a class for all its objects (companion), or each of its objects."""
    owners = {b.name: (b.owner, b.instance) for b in FACTS.bindings if not b.owner or b.owner[:1].isupper()}
    assert owners["sessions"] == ("", False)
    assert owners["rooms"] == ("Registry", False)
    assert owners["codes"] == ("Carts", False)
    assert owners["items"] == ("Carts", True)
    assert owners["repo"] == ("Carts", True)


def test_val_is_constant_and_var_is_not() -> None:
    """Whether a name may get another value; `private` is not seen elsewhere."""
    assert _binding("sessions").constant
    assert _binding("sessions").exported
    assert not _binding("current").constant
    assert not _binding("current").exported


def test_lazy_is_what_its_block_gives() -> None:
    """`by lazy { mutableListOf() }` is a list."""
    made = _binding("cache").value
    assert isinstance(made, Call)
    assert made.name == "mutableListOf"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sessions", [(Action.READ, "[]"), (Action.READ, "touch"), (Action.READ, "[]"), (Action.MUTATE, "[]")]),
        ("rooms", [(Action.MUTATE, "getOrPut"), (Action.MUTATE, "add")]),
        ("codes", [(Action.MUTATE, "[]"), (Action.READ, "[]"), (Action.REMOVE, "remove")]),
        ("items", [(Action.READ, ""), (Action.MUTATE, "plusAssign")]),
        ("current", [(Action.REBIND, "=")]),
        ("count", [(Action.REBIND, "+=")]),
        ("hits", [(Action.MUTATE, "merge")]),
    ],
)
def test_what_is_done_to_what_is_kept(name: str, told: list[tuple[Action, str]]) -> None:
    """By index, by operators, through safe calls, elements and blocks."""
    assert [(use.action, use.method) for use in _uses(name)] == told


def test_texts_with_names_in_them_are_templates() -> None:
    """`$name` and `${expression}`."""
    path = _binding("path").value
    assert isinstance(path, Template)
    assert path.parts[:2] == (Name("~FOLDER"), Constant("/"))
    assert isinstance(path.parts[2], Name)
    assert last_segment(path.parts[2].path) == "id"


def test_blocks_are_handed_to_the_calls_before_them() -> None:
    """A route's handler is the function behind its path."""
    handler = next(f for f in FACTS.functions if f.registered is not None and f.registered.name == "get")
    assert handler.parent == "carts"
    assert handler.registered is not None
    assert handler.registered.positional(0) == Constant("/hits/{id}")


@pytest.mark.parametrize(
    "text",
    [
        'fun routes() {\n    val users = listOf<User>()\n    get("/users") { call.respond(users) }\n}\n',
        "fun routes() {\n    val users = listOf<User>()\n    get { call.respond(users) }\n}\n",
        'class A(@param:Value($$"${a.b:#{null}}") val path: String?)\n',
        'val page = """{"a": "b", "c": "{\\"d\\": 1}"}"""\n',
        "@Target(allowedTargets = [])\nannotation class A(val groups: Array<KClass<out Any>> = [])\n",
        "fun size(a: Any) = when (a) {\n    is Image if a.isLarge() -> 2\n    else -> 1\n}\n",
        "fun all() {\n    dynamic()\n    images()\n}\n",
        "class A {\n    var size = 0\n        get() = field + 1\n        set(value) { field = value }\n    val b: Int\n        get() {\n            return 1\n        }\n}\n",
    ],
)
def test_kotlin_as_it_is_written_today_is_read_whole(text: str) -> None:
    """What the grammar does not know yet is no reason to leave lines out."""
    _read(text)


def test_what_is_hidden_from_the_grammar_is_not_lost() -> None:
    """Names and texts come from the source as it is."""
    facts = _read('fun routes() {\n    val users = listOf<User>()\n    get("/a") { dynamic("x") }\n    val t = $$"a ${b}"\n}\n')
    assert [call.name for call in facts.calls] == ["listOf", "get", "dynamic"]
    assert facts.calls[1].positional(0) == Constant("/a")
