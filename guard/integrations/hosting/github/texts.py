"""Texts of files at commits, without a checkout: many with one GraphQL query, what does not fit in it by blob; bounded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from guard.errors import HostError, SourceError
from guard.integrations.hosting.github.client import RAW, Client, GraphError, RefusedError
from guard.integrations.hosting.github.conversation import Coordinates

BATCH, SMALLEST_BATCH = 100, 20
"""Files a query. GitHub ends one that takes longer than ten seconds: it is tried with fewer then, down to the smallest."""
MOST_FILES = 3_000
MOST_BYTES = 60_000_000
_BLOB = "__typename ... on Blob { oid byteSize isBinary isTruncated text }"


class At(Struct, frozen=True):
    """A file at a commit."""

    commit: str
    path: str

    @property
    def expression(self) -> str:
        """As git names it."""
        return f"{self.commit}:{self.path}"


class Texts:
    """Texts of files at commits, each fetched once. Raises SourceError where the budget is used up or GitHub gives none."""

    def __init__(
        self, client: Client, where: Coordinates, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
    ) -> None:
        self._client = client
        self._where = where
        self._known: dict[At, bytes | None] = {}
        self._failed: dict[At, str] = {}
        self._files_left = most_files
        self._bytes_left = most_bytes
        self.max_file_size = 1_000_000
        """Larger ones are not fetched: nobody would read them."""

    def text(self, place: At) -> bytes | None:
        """The bytes of a file, None if there is none."""
        if place not in self._known:
            self.fetch((place,))
        if place in self._failed:
            raise SourceError(self._failed[place])
        return self._known.get(place)

    def paths(self, commit: str) -> frozenset[str]:
        """Every file at a commit (https://docs.github.com/en/rest/git/trees#get-a-tree). Raises HostError where they are too many."""
        path = "/repos/{owner}/{repo}/git/trees/{tree}?recursive=1"
        answer = self._client.get(path, owner=self._where.owner, repo=self._where.name, tree=commit)
        if answer.get("truncated"):
            raise HostError(
                f"{self._where}: GitHub lists only a part of the files at {commit[:12]}; name each file in the configuration"
            )
        return frozenset(str(entry["path"]) for entry in answer["tree"] if entry.get("type") == "blob")

    def fetch(self, places: Iterable[At]) -> None:
        """Get these, as far as they are not known yet, in as few requests as it takes."""
        missing = [place for place in dict.fromkeys(places) if place not in self._known]
        for start in range(0, len(missing), BATCH):
            self._fetch_batch(missing[start : start + BATCH])

    def _fetch_batch(self, places: list[At]) -> None:
        self._known.update(dict.fromkeys(places))
        named = [place for place in places if _is_text(place.path)]
        try:
            found = self._objects(named) if named else {}
        except HostError as error:
            if len(places) <= SMALLEST_BATCH:
                self._failed.update(dict.fromkeys(places, f"not fetched: {error}"))
                raise
            for part in (places[: len(places) // 2], places[len(places) // 2 :]):  # too much for one query, perhaps
                self._fetch_batch(part)
            return
        for place, blob in found.items():
            if blob is not None and blob.get("__typename") == "Blob":
                self._keep(place, blob)

    def _objects(self, places: list[At]) -> dict[At, Mapping[str, Any] | None]:
        """What git has under these names; a name that is nothing is no error."""
        fields = "\n".join(
            f"f{number}: object(expression: {json.dumps(place.expression)}) {{ {_BLOB} }}"
            for number, place in enumerate(places)
        )
        query = f"query Texts($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{\n{fields}\n}} }}"
        try:
            data = self._client.query(query, owner=self._where.owner, name=self._where.name)
        except GraphError as error:
            data = error.data
            if not data.get("repository"):
                raise
        repository = data.get("repository") or {}
        return {place: repository.get(f"f{number}") for number, place in enumerate(places)}

    def _keep(self, place: At, blob: Mapping[str, Any]) -> None:
        size = int(blob["byteSize"])
        if size > self.max_file_size:
            self._known[place] = bytes(size)  # only its size is looked at
            return
        self._files_left -= 1
        self._bytes_left -= size
        if self._files_left < 0 or self._bytes_left < 0:
            self._failed[place] = "not fetched: the change needs more texts than are fetched for one review"
            return
        text = blob.get("text")
        if blob.get("isTruncated") or blob.get("isBinary") or text is None or "\ufffd" in text:
            self._keep_blob(place, str(blob["oid"]))
        else:
            self._known[place] = str(text).encode("utf-8", "surrogatepass")

    def _keep_blob(self, place: At, oid: str) -> None:
        """The bytes themselves (https://docs.github.com/en/rest/git/blobs#get-a-blob)."""
        path = "/repos/{owner}/{repo}/git/blobs/{oid}"
        try:
            self._known[place] = self._client.get_bytes(path, RAW, owner=self._where.owner, repo=self._where.name, oid=oid)
        except RefusedError as error:
            self._failed[place] = f"not fetched: {error}"


def _is_text(path: str) -> bool:
    """Whether a path can be named in JSON: one with bytes that are not UTF-8 can not."""
    return not any("\ud800" <= character <= "\udfff" for character in path)
