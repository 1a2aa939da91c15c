"""Random lives of a pull request against the stand-in: whatever happens, each standing finding ends with exactly one open comment."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field

from github_help import BASE, CART, hub_with_time, run
from github_standin import (
    ROBOT,
    Fault,
    GitHub,
    broken,
    cut_after,
    cut_before,
    meanwhile,
    slowed,
    workflow_token,
)
from github_standin.world import Thread
from hypothesis import given, settings
from hypothesis import strategies as st

_SLOTS = 3
_CLEAN = 'from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get("/")\ndef index():\n    return "ok"\n'
_WORDS = ("carts", "drafts", "wishes")
_FINDING = "<!-- stateless-guard:finding "
_WRITES = r"/reviews$|/comments|check-runs|mutation"


def _fault(kind: str, nth: int, hub: GitHub, token: str) -> Fault:
    """Something that goes wrong in a run, at its n-th write (or request, for what others do meanwhile)."""
    match kind:
        case "cut before":
            return cut_before("POST", _WRITES, skip=nth)
        case "cut after":
            return cut_after("POST", _WRITES, skip=nth)
        case "broken":
            return broken(502, "POST", _WRITES, skip=nth)
        case "broken after":
            return broken(502, "POST", _WRITES, after=True, skip=nth)
        case "slowed":
            return slowed(403, None, "POST", _WRITES)
        case "second run":
            return meanwhile(lambda: run(hub, token=token), skip=nth)
        case _:
            return meanwhile(lambda: hub.push({"notes.txt": f"{hub.clock.now()}\n"}), skip=nth)


@dataclass
class Story:
    """A pull request with a few files, each with state in memory or without, and what people did about the comments."""

    hub: GitHub
    token: str
    names: tuple[str, ...]
    paths: list[str] = field(default_factory=lambda: [f"shop/part{slot}.py" for slot in range(_SLOTS)])
    above: list[int] = field(default_factory=lambda: [0] * _SLOTS)
    standing: set[int] = field(default_factory=set)
    dismissed: set[int] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)
    """Whose comment somebody deleted, or what came back after it was dismissed: one comment or none, the summary has it."""

    def text(self, slot: int) -> str:
        """A file as it should be now."""
        body = CART.replace("carts", self.names[slot]) if slot in self.standing else _CLEAN
        return "# about\n" * self.above[slot] + body

    def push(self, slot: int) -> None:
        """The slot's file as it should be now."""
        self.hub.push({self.paths[slot]: self.text(slot)})

    def act(self, what: str, slot: int) -> None:
        """Somebody does something."""
        hub = self.hub
        match what:
            case "add" if slot not in self.standing:
                self.standing.add(slot)
                self.push(slot)
            case "fix" if slot in self.standing:
                self.standing.remove(slot)
                self.unclear |= {self.names[slot] for slot in self.dismissed & {slot}}
                self.dismissed.discard(slot)
                self.push(slot)
            case "move":
                self.above[slot] = (self.above[slot] + 2) % 6
                self.push(slot)
            case "rename":
                old, self.paths[slot] = self.paths[slot], f"shop/part{slot}_{len(hub.pull.commits)}.py"
                hub.push({old: None, self.paths[slot]: self.text(slot)})
            case "dismiss":
                self.dismiss(self.spoken_of(slot))
            case "answer":
                for thread in self.threads(self.spoken_of(slot)):
                    hub.reply(thread, "carol", "Interesting, I will look at it tomorrow.")
            case "forget":
                self.forget(self.spoken_of(slot))
            case "rebase":
                hub.push_base({"README.md": f"{hub.clock.now()}\n"})
                hub.rebase()
            case "force push":
                hub.force_push({})
            case "draft":
                hub.convert(draft=not hub.pull.draft)

    def dismiss(self, slot: int) -> None:
        """Somebody who may write resolves the comment; not where files share a cause, so that it is clear which is meant."""
        if len(set(self.names)) == _SLOTS and slot in self.standing and (threads := self.threads(slot)):
            for thread in threads:
                self.hub.resolve(thread, "wren")
            self.dismissed.add(slot)

    def forget(self, slot: int) -> None:
        """Somebody deletes the comments about a slot's state."""
        for thread in self.threads(slot):
            self.hub.delete(thread.comments[0])
            self.unclear.add(self.names[slot])

    def spoken_of(self, slot: int) -> int:
        """A slot with an open comment, if there is one."""
        spoken = [slot for slot in range(_SLOTS) if self.threads(slot)]
        return spoken[slot % len(spoken)] if spoken else slot

    def threads(self, slot: int) -> list[Thread]:
        """The open comments of ours about a slot's state."""
        return [thread for thread in self.open() if f"`{self.names[slot]}`" in thread.comments[0].body.split("\n")[0]]

    def open(self) -> list[Thread]:
        """The open threads that start with a finding of ours: not those that somebody left without one."""
        return [thread for thread in self.hub.open_threads(ROBOT) if _FINDING in thread.comments[0].body]

    def check(self) -> None:
        """Each standing finding has exactly one open comment, each gone or dismissed one has none."""
        most = Counter(self.names[slot] for slot in self.standing - self.dismissed)
        least = Counter({name: count for name, count in most.items() if name not in self.unclear})
        found = Counter(re.findall(r"`(\w+)`", thread.comments[0].body)[0] for thread in self.open())
        assert least <= found <= most, (least, found, most)
        ours = [comment for comment in self.hub.world.issue_comments if comment.author == ROBOT]
        assert len(ours) <= 1, [comment.body for comment in ours]
        self.hub.check()


_ACTIONS = st.tuples(
    st.sampled_from(("add", "fix", "move", "rename", "dismiss", "answer", "forget", "rebase", "force push", "draft")),
    st.integers(0, _SLOTS - 1),
)
_RUNS = st.one_of(
    st.tuples(st.sampled_from(("cut before", "cut after", "broken", "broken after", "slowed")), st.integers(0, 2)),
    st.tuples(st.sampled_from(("", "second run", "push")), st.integers(0, 12)),
)
_STEPS = st.lists(st.tuples(st.lists(_ACTIONS, min_size=1, max_size=3), _RUNS), min_size=1, max_size=7)


@settings(max_examples=1_500 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 25)
@given(steps=_STEPS, names=st.sampled_from((_WORDS, ("carts",) * _SLOTS)))
def test_each_standing_finding_ends_with_one_open_comment(
    steps: list[tuple[list[tuple[str, int]], tuple[str, int]]], names: tuple[str, ...]
) -> None:
    """After pushes, fixes, answers, cut connections, crashes and concurrent runs, one run more says what is so, and the next nothing."""
    hub = hub_with_time()
    hub.world.roles.update(wren="write", carol="read")
    token = hub.add_token(workflow_token(contents="write", pull_requests="write", issues="write", checks="write"))
    story = Story(hub, token, names, standing={0, 1})
    hub.open_pull(BASE, {path: story.text(slot) for slot, path in enumerate(story.paths)})
    for actions, (kind, number) in steps:
        for what, slot in actions:
            story.act(what, slot)
        hub.clock.sleep(120)
        hub.faults[:] = [_fault(kind, number, hub, token)] if kind else []
        run(hub, token=token)
        hub.faults.clear()
    for _ in range(2):
        hub.clock.sleep(120)
        with hub.counting() as made:
            ran = run(hub, token=token)
    assert ran.status in (0, 1), ran.stderr
    assert not [entry for entry in made if entry.kind == "write"]
    story.check()
