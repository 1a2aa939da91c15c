"""A client that neither drowns nor waits for ever: what a server sends is read up to a size, and up to a moment.

The time-out of a read is taken as the time of the whole answer: else a server that sends a byte a second would have all day.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, cast

import httpx2

MOST_BYTES = 2_000_000
"""A long answer has 50,000; whatever is larger is none."""


class _Bounded(httpx2.SyncByteStream):
    """Another stream, up to a size and a moment."""

    def __init__(self, stream: httpx2.SyncByteStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise httpx2.DecodingError(f"the answer is larger than {MOST_BYTES:,} bytes")
            if time.monotonic() > self._until:
                raise httpx2.ReadTimeout("the answer took too long")
            yield chunk

    def close(self) -> None:
        """Close the other stream."""
        self._stream.close()


class BoundedClient(httpx2.Client):
    """A client whose answers are bounded. It follows no redirect, which is httpx's default: code and key go where they were sent."""

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:  # noqa: ANN401 - as the base class has it
        """Send; the size and the time of the answer are bounded, also where it is an error's."""
        seconds = request.extensions.get("timeout", {}).get("read") or float("inf")
        until = time.monotonic() + seconds
        response = super().send(request, stream=True, **options)
        response.stream = _Bounded(cast(httpx2.SyncByteStream, response.stream), until)
        if not stream:
            try:
                response.read()
            finally:
                response.close()
        return response
