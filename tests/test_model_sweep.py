"""A model reads on: what it names counts if it is quoted, added and confirmed; all else is dropped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from model_help import Scripted, answers, asked_ids, entry

from guard.change import Texts, parse
from guard.errors import ModelError
from guard.finding import Confidence, Finding, Origin, Report
from guard.model.inquiry import Inquiry, Sweep
from guard.model.judge import Reply, Request
from guard.pipeline import review

RUST = """\
use axum::{routing::post, Router};
use std::collections::HashMap;
use std::sync::Mutex;

static CARTS: Mutex<HashMap<String, Vec<u32>>> = Mutex::new(HashMap::new());

// carts are kept in CARTS, see add()
async fn add(user: String, item: u32) {
    CARTS.lock().unwrap().entry(user).or_default().push(item);
}

async fn show(user: String) -> Vec<u32> {
    CARTS.lock().unwrap().get(&user).cloned().unwrap_or_default()
}
"""
"""A server in a language that no reader knows."""
PUSH = "CARTS.lock().unwrap().entry(user).or_default().push(item);"


def patch(path: str, text: str, kept: int = 0) -> str:
    """A change that adds a file; or all of it but its first lines."""
    lines = text.removesuffix("\n").split("\n")
    body = "".join(f"{' ' if number < kept else '+'}{line}\n" for number, line in enumerate(lines))
    new = "" if kept else "new file mode 100644\n"
    old = f"--- a/{path}" if kept else "--- /dev/null"
    span = f"@@ -1,{kept} +1,{len(lines)} @@" if kept else f"@@ -0,0 +1,{len(lines)} @@"
    return f"diff --git a/{path} b/{path}\n{new}{old}\n+++ b/{path}\n{span}\n{body}"


def named(*found: dict[str, str]) -> str:
    """What a model names in a passage."""
    return json.dumps({"findings": found})


def one(quote: str = PUSH, path: str = "src/cart.rs", check: str = "session-store") -> dict[str, str]:
    """One place."""
    return {"path": path, "quote": quote, "check": check, "reason": "Carts are kept in CARTS."}


def reviewed(
    replies: Sequence[object], text: str = RUST, path: str = "src/cart.rs", kept: int = 0, **more: Any
) -> tuple[Report, Scripted]:
    """A review in which the model gives these replies."""
    script = Scripted(replies)  # type: ignore[arg-type]  # whatever a test scripts
    inquiry = Inquiry(script, "m", **{"sweep": Sweep.AUTO, **more})
    return review(parse(patch(path, text, kept).encode()), Texts({path: text.encode()}), inquiry=inquiry), script


def said(answer: str, quote: str = PUSH) -> Callable[[Request], str]:
    """Every question answered alike."""
    return lambda request: answers(*(entry(question, answer, quote) for question in asked_ids(request)))


def places(report: Report) -> list[tuple[str, int, str, Origin]]:
    """Where findings are, and who says so."""
    return [(finding.path, finding.line, finding.check, finding.origin) for finding in report.findings]


def test_a_named_place_is_asked_about_and_reported() -> None:
    """As the model's finding, under the name of its check."""
    report, script = reviewed([named(one()), said("violation")])
    assert places(report) == [("src/cart.rs", 9, "session-store", Origin.MODEL)]
    finding: Finding = report.findings[0]
    assert (finding.rule, finding.confidence) == ("session-store", Confidence.LIKELY)
    assert report.model is not None
    assert (report.model.passages, report.model.questions, report.model.calls) == (1, 1, 2)
    assert [len(request.asked) for request in script.requests] == [1, 1]
