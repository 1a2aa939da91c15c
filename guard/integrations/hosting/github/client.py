"""Requests to one GitHub, as slowly as it asks. Bytes out, values in; what a refusal means is decided by whoever asked.

Requests and answers are built and read by gidgethub, bytes are moved by httpx. Pacing and patience follow
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api and `rate-limits-for-the-rest-api`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from guard.errors import HostError, MissingExtraError, UsageError
from guard.integrations.hosting.github.patience import Answer, Patience, waiting_time

if TYPE_CHECKING:
    import httpx2

API_VERSION = "2022-11-28"
DIFF = "application/vnd.github.diff"
JSON = "application/vnd.github+json"
RAW = "application/vnd.github.raw+json"
_REDIRECTS = frozenset((301, 302, 307, 308))
_MOST_REDIRECTS = 3


class RefusedError(HostError):
    """GitHub understood and will not; nothing was written."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class CutError(HostError):
    """The connection broke, or the server did, after a write was sent: nobody knows whether it took effect."""


class GraphError(HostError):
    """What GraphQL could not do, as (type, path, message) each, with the data that it could give all the same."""

    def __init__(self, errors: tuple[tuple[str, str, str], ...], data: Mapping[str, Any]) -> None:
        super().__init__("GraphQL: " + "; ".join(message for _, _, message in errors[:3]))
        self.errors = errors
        self.data = data

    def has(self, kind: str) -> bool:
        """Whether one of the errors is of this type."""
        return any(name == kind for name, _, _ in self.errors)


class Client:
    """One GitHub, spoken to as one account. The token is in no text that leaves this object but the header it is for."""

    def __init__(
        self,
        token: str,
        api_url: str,
        graphql_url: str,
        *,
        patience: Patience | None = None,
        timeout: float = 30.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        try:
            import gidgethub  # noqa: F401 - whether it is there
            import httpx2
        except ModuleNotFoundError:
            raise MissingExtraError("github review", "github") from None
        self._token = checked_token(token)
        self._api_url = checked_url(api_url).rstrip("/")
        self._graphql_url = checked_url(graphql_url)
        self._patience = patience or Patience(time.monotonic, time.time, time.sleep)
        self._http = httpx2.Client(timeout=timeout, follow_redirects=False, transport=transport)
        self.requests = 0

    def __repr__(self) -> str:
        return f"Client({self._api_url!r})"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # -- REST -----------------------------------------------------------------------------------------------------

    def get(self, path: str, accept: str = JSON, **variables: str | int) -> Any:  # noqa: ANN401 - JSON
        """What stands there. Raises RefusedError."""
        return self._rest("GET", path, variables, accept=accept).data()

    def get_bytes(self, path: str, accept: str, **variables: str | int) -> bytes:
        """The same as it came, for texts in whatever encoding."""
        return self._rest("GET", path, variables, accept=accept).body

    def pages(self, path: str, **variables: str | int) -> Iterator[Any]:
        """Every item of a list, page by page."""
        following: str | None = path
        while following:
            answer = self._rest("GET", following, variables)
            data = answer.data()
            yield from data if isinstance(data, list) else ()
            following, variables = answer.next_page, {}

    def write(self, method: str, path: str, data: Mapping[str, Any] | None = None, **variables: str | int) -> Any:  # noqa: ANN401 - JSON
        """Change something. Raises RefusedError if that was refused, CutError if nobody knows."""
        return self._rest(method, path, variables, data=data).data()

    def _rest(
        self,
        method: str,
        path: str,
        variables: Mapping[str, str | int],
        *,
        accept: str = JSON,
        data: Mapping[str, Any] | None = None,
    ) -> Answer:
        from gidgethub import sansio

        url = sansio.format_url(path, {name: str(value) for name, value in variables.items()}, base_url=self._api_url)
        body = b"" if data is None else _encoded(data)
        answer = self._patiently(method, self._ours(url), body, accept, writes=method != "GET")
        if answer.status >= 300:
            raise RefusedError(answer.status, f"{self._place(url)}: {self._told(answer)}")
        return answer

    # -- GraphQL --------------------------------------------------------------------------------------------------

    def query(self, text: str, **variables: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
        """The data of a query. Raises GraphError if a part of it could not be had."""
        return self._graph(text, variables, writes=False)

    def mutate(self, text: str, **variables: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
        """The same for a mutation. Raises CutError if nobody knows whether it took effect."""
        return self._graph(text, variables, writes=True)

    def _graph(self, text: str, variables: Mapping[str, Any], *, writes: bool) -> Mapping[str, Any]:
        body = _encoded({"query": text, "variables": variables})
        answer = self._patiently("POST", self._graphql_url, body, "application/json", writes=writes)
        if answer.status != 200:
            raise RefusedError(answer.status, f"GraphQL: {self._told(answer)}")
        document = answer.data()
        if not isinstance(document, dict):
            raise HostError("GraphQL: the answer is no JSON object")
        data = document.get("data") or {}
        if document.get("errors"):
            raise GraphError(tuple(self._graph_error(error) for error in document["errors"]), data)
        return dict(data)

    def _graph_error(self, error: Any) -> tuple[str, str, str]:  # noqa: ANN401 - JSON
        if not isinstance(error, dict):
            return "", "", self._clean(str(error))
        path = "/".join(str(step) for step in error.get("path") or ())
        return str(error.get("type", "")), path, self._clean(str(error.get("message", "")))

    # -- bytes ----------------------------------------------------------------------------------------------------

    def _patiently(self, method: str, url: str, body: bytes, accept: str, *, writes: bool) -> Answer:
        """The answer to a request, which is sent again where that is asked for or safe."""
        attempt = 0
        while True:
            self._patience.before(writes=writes, place=self._place(url))
            attempt += 1
            answer = self._sent(method, url, body, accept)
            wait = waiting_time(answer, attempt, self._patience.now(), writes=writes)
            if wait is None:
                return self._settled(answer, url, writes=writes)
            self._patience.wait(wait, self._place(url))

    def _settled(self, answer: Answer, url: str, *, writes: bool) -> Answer:
        """An answer that nothing more is to be done about. Raises for those that say nothing of the request itself."""
        place = self._place(url)
        if answer.lost and writes and answer.sent:
            raise CutError(f"{place}: {self._told(answer)}; it may have taken effect or not")
        if answer.lost:
            raise HostError(f"{place}: {self._told(answer)}")
        if answer.limited:
            raise HostError(f"{place}: {self._told(answer)}; the rate limit did not end, try again later")
        if answer.status == 401:
            raise HostError(f"{place}: the token is not accepted (status 401); check GITHUB_TOKEN")
        return answer

    def _sent(self, method: str, url: str, body: bytes, accept: str) -> Answer:
        """One request, followed within this GitHub where it has moved."""
        for _ in range(_MOST_REDIRECTS):
            answer = self._once(method, url, body, accept)
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return answer
            url = self._ours(target)
        return answer

    def _once(self, method: str, url: str, body: bytes, accept: str) -> Answer:
        import httpx2

        self.requests += 1
        try:
            response = self._http.request(method, url, headers=self._headers(accept, body), content=body or None)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError) as error:
            return Answer(0, {}, b"", f"can not be reached: {self._clean(str(error))}", sent=False)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return Answer(0, {}, b"", f"the connection broke: {self._clean(str(error) or type(error).__name__)}")
        return Answer(response.status_code, dict(response.headers.items()), response.content)

    def _headers(self, accept: str, body: bytes) -> dict[str, str]:
        from gidgethub import sansio

        from guard import __version__

        headers = sansio.create_headers(f"stateless-guard/{__version__}", accept=accept, oauth_token=self._token or None)
        headers["x-github-api-version"] = API_VERSION
        if body:
            headers["content-type"] = "application/json; charset=utf-8"
        return headers

    def _ours(self, url: str) -> str:
        """The address, if it is of this GitHub: the token goes nowhere else."""
        if urlsplit(url)[:2] != urlsplit(self._api_url)[:2]:
            raise HostError(f"{self._place(self._api_url)}: answers with an address of another server; nothing is sent there")
        return url

    def _place(self, url: str) -> str:
        parts = urlsplit(url)
        return self._clean(f"{parts.netloc.rpartition('@')[2]}{parts.path}")

    def _told(self, answer: Answer) -> str:
        return self._clean(answer.told())

    def _clean(self, text: str) -> str:
        """A server's or library's words on one line, without the token."""
        line = " ".join(text.split())
        return (line.replace(self._token, "…") if self._token else line)[:500]


def _encoded(document: Mapping[str, Any]) -> bytes:
    """JSON as UTF-8. Half a surrogate pair (from a name that is no UTF-8) becomes "?": GitHub refuses the whole request for one."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def checked_token(token: str) -> str:
    """A token as it can stand in a header. Raises UsageError, without showing it."""
    token = token.strip()
    if not token.isascii() or any(character.isspace() or not character.isprintable() for character in token):
        raise UsageError("GITHUB_TOKEN holds characters that no token has; is it what you meant?")
    return token


def checked_url(url: str) -> str:
    """An address of a GitHub's API. Raises UsageError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise UsageError(f"{url!r} is no address of an API; GITHUB_API_URL looks like https://HOST/api/v3")
    return url
