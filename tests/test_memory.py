"""A large commit takes no more memory than its largest piece: facts of files that have nothing to say are not kept."""

from __future__ import annotations

import tracemalloc

import pytest

from guard.catalogue import load
from guard.change import ChangeSet, FileChange, Status, Texts, parse
from guard.config import Configuration, Settings
from guard.pipeline import observe, pieces, review
from guard.policy import UNUSED

_HEAD = "using Microsoft.AspNetCore.Mvc;\n\npublic class Orders : ControllerBase\n{\n"
_METHOD = (
    '    [HttpGet("/orders/{0}")]\n    public IActionResult Order{0}(string id) => Ok(orders.Load(id, {0}).Total + {0});\n\n'
)
_CARTS = (
    "    private static readonly Dictionary<string, Cart> Carts = new();\n\n    [HttpPost]\n    public void Put(Cart cart)\n    {\n"
    "        Carts[cart.Id] = cart;\n    }\n\n    [HttpGet]\n    public Cart Get(string id) => Carts[id];\n"
)


def _file(number: int, more: str = "") -> tuple[str, str]:
    return f"part{number:03}/Orders.cs", _HEAD + "".join(_METHOD.format(line) for line in range(12)) + more + "}\n"


def _change(texts: dict[str, str]) -> ChangeSet:
    patch = "".join(
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{text.count(chr(10))} @@\n"
        + "".join(f"+{line}\n" for line in text.splitlines())
        for path, text in texts.items()
    )
    return parse(patch.encode())


def _peak(number: int) -> float:
    """Megabytes that the review of so many files takes at most, beside its diff and its texts."""
    texts = dict(_file(index) for index in range(number))
    change, source = _change(texts), Texts(texts)
    tracemalloc.start()
    observe(change, source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def test_memory_does_not_grow_with_the_number_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six times as many files take hardly more: what was looked at is let go."""
    monkeypatch.setattr(pieces, "MOST_BYTES", 16_000)
    load()
    _peak(8)
    few, many = _peak(16), _peak(96)
    assert many < 1.6 * few, (few, many)


def test_pieces_say_the_same_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings, and suppressions that hide them or nothing, do not depend on where a change is cut."""
    texts = dict(
        _file(index, _CARTS if index in {3, 11} else "    // guard: ignore[shared-state] no reason\n" if index == 7 else "")
        for index in range(14)
    )
    change, source = _change(texts), Texts(texts)
    whole = review(change, source, Configuration((Settings(),)))
    monkeypatch.setattr(pieces, "MOST_BYTES", 4_000)
    cut = review(change, source, Configuration((Settings(),)))
    assert cut == whole
    assert [finding.path for finding in whole.findings if finding.rule != UNUSED] == ["part003/Orders.cs", "part011/Orders.cs"]
    assert [finding.path for finding in whole.findings if finding.rule == UNUSED] == ["part007/Orders.cs"]


def test_what_was_moved_between_pieces_is_not_introduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old side is looked at in pieces of its own, and as a whole compared."""
    old, new = _file(1, _CARTS), _file(13, _CARTS)
    rest = dict(_file(index) for index in range(2, 13))
    taken = FileChange(old[0], old[0], Status.DELETED, _change({old[0]: old[1]}).files[0].hunks)
    change = _change({**rest, new[0]: new[1]})
    moved = ChangeSet((taken, *change.files))
    source = Texts({**rest, new[0]: new[1]}, {old[0]: old[1]})
    monkeypatch.setattr(pieces, "MOST_BYTES", 4_000)
    assert observe(change, source).signals
    assert observe(moved, source).signals == ()
