"""One story in every language that is lowered: what its reader must tell so that the analyses understand it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.analyses import View
from guard.analyses.shared_state import find
from guard.catalogue import load
from guard.facts import Action, Facts, FunctionKind
from guard.languages import read
from guard.project import Project
from guard.roles import Role

STORIES = {
    "Chat.java": """
package com.acme;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.bind.annotation.*;

@RestController
class Chat {
    private static final Map<String, User> sessions = new ConcurrentHashMap<>();

    @PostMapping("/join")
    void join(@RequestParam String userId, User user) {
        sessions.put(userId, user);
    }

    @GetMapping("/who")
    User who(String userId) {
        return sessions.get(userId);
    }
}
""",
    "Chat.kt": """
package com.acme
import java.util.concurrent.ConcurrentHashMap
import org.springframework.web.bind.annotation.*

@RestController
class Chat {
    private val sessions = ConcurrentHashMap<String, User>()

    @PostMapping("/join")
    fun join(@RequestParam userId: String, user: User) {
        sessions[userId] = user
    }

    @GetMapping("/who")
    fun who(userId: String) = sessions[userId]
}
""",
    "Chat.cs": """
using Microsoft.AspNetCore.Mvc;
using System.Collections.Concurrent;
namespace Acme;

[ApiController]
public class Chat : ControllerBase
{
    private static readonly ConcurrentDictionary<string, User> sessions = new();

    [HttpPost("join")]
    public void Join(string userId, User user) { sessions[userId] = user; }

    [HttpGet("who")]
    public User Who(string userId) => sessions.TryGetValue(userId, out var user) ? user : null;
}
""",
    "chat.rb": """
require "sinatra"

class Chat < Sinatra::Base
  @@sessions = {}

  def join(user_id, user)
    @@sessions[user_id] = user
  end

  def who(user_id)
    @@sessions[user_id]
  end

  post("/join") { Chat.new.join(params[:user_id], params[:user]) }
end
""",
    "Chat.php": """<?php
namespace Acme;
use Swoole\\Http\\Request;
use Swoole\\Http\\Response;

class Chat
{
    private static array $sessions = [];

    public function join(Request $request, string $userId, User $user): void
    {
        self::$sessions[$userId] = $user;
    }

    public function who(Request $request, string $userId): User
    {
        return self::$sessions[$userId];
    }
}
""",
    "chat.go": """package chat

import "net/http"

var sessions = map[string]*User{}

func Join(w http.ResponseWriter, r *http.Request) {
	userID := r.FormValue("user")
	sessions[userID] = newUser(r)
}

func Who(w http.ResponseWriter, r *http.Request) {
	write(w, sessions[r.FormValue("user")])
}
""",
}
NAMES = sorted(STORIES)


def _facts(path: str) -> Facts:
    facts = read(path, STORIES[path].encode())
    assert facts is not None
    return facts


@pytest.mark.parametrize("path", NAMES)
def test_the_story_is_understood(path: str) -> None:
    """Sessions that a handler keeps in memory and another handler asks for."""
    view = View(_facts(path), Role.SERVER, load(), Project())
    found = [(signal.rule, signal.confidence.value) for signal in find(view)]
    assert found == [("shared-session-state", "likely")]


@pytest.mark.parametrize("path", NAMES)
def test_what_is_kept_is_bound_once_per_process(path: str) -> None:
    """The binding, who writes it, and who reads it."""
    facts = _facts(path)
    binding = next(binding for binding in facts.bindings if "sessions" in binding.name)
    assert not facts.broken
    uses = [use for use in facts.uses if (use.owner, use.name) == (binding.owner, binding.name)]
    actions = {facts.function_by_id[use.scope].name.lower(): use.action for use in uses}
    assert actions == {"join": Action.MUTATE, "who": Action.READ}
    write = next(use for use in uses if use.action is Action.MUTATE)
    assert write.key is not None
    assert write.value is not None


@pytest.mark.parametrize("path", [name for name in NAMES if not name.endswith(".go")])
def test_a_method_knows_its_type(path: str) -> None:
    """Methods have their type as parent, and their parameters."""
    facts = _facts(path)
    who = next(function for function in facts.functions if function.name.lower() == "who")
    parent = facts.function_by_id[who.parent]
    assert parent.name == "Chat"
    assert parent.kind is FunctionKind.CLASS
    assert who.parameters[-1] in {"userId", "user_id"}


@pytest.mark.parametrize("path", NAMES)
@given(data=st.data())
def test_no_text_breaks_a_reader(path: str, data: st.DataObject) -> None:
    """Whatever is cut out of a program or pasted into it, facts come out, with lines that the text has."""
    text = STORIES[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    middle = data.draw(
        st.sampled_from(["", "{", "}", "((", '"', "é\ud800", "\r\n", text[:40], "<<EOF\n", "new new", "@", "=>"])
    )
    broken = text[:start] + middle + text[end:]
    facts = read(path, broken.encode("utf-8", "surrogatepass"))
    if facts is None:
        assert "<?" not in broken  # PHP without its opening tag is text
        return
    last = broken.count("\n") + 2
    spans = (
        [call.span for call in facts.calls] + [use.span for use in facts.uses] + [binding.span for binding in facts.bindings]
    )
    assert all(1 <= span.line <= span.end_line <= last for span in spans)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Deep.java", "class A { int x = " + "f(" * 400 + "1" + ")" * 400 + "; }"),
        ("Chain.java", "class A { Object x = a" + ".b()" * 500 + "; }"),
        ("deep.rb", "x = " + "[" * 400 + "]" * 400),
        ("Sum.cs", "class A { string x = " + " + ".join(['"a"'] * 800) + "; }"),
        ("deep.php", "<?php $x = " + "[" * 400 + "]" * 400 + ";"),
        ("Deep.kt", "val x = " + "f(" * 400 + ")" * 400),
    ],
)
def test_what_programs_write_is_read_as_well(path: str, text: str) -> None:
    """Nests and chains that no person writes end nowhere, and break nothing."""
    assert read(path, text.encode()) is not None
