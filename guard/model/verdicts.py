"""What was paid for already: answers by the question that was asked, and the manner in which a server took it.

One sqlite file in a folder, by default in the user's cache folder, shared by all processes. It is advice: a file that is lost,
broken or locked costs money and a sentence, never a review. An answer that comes out of it is validated like any other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from guard.errors import UsageError
from guard.model.server.manner import Manner, manner_from

FILE_NAME = "verdicts.sqlite"
MOST = 20_000
"""Answers that are kept, about a kilobyte each; the ones that were not needed for longest go first."""
_WAIT = 3.0
"""Seconds to wait for another process that writes."""
_FORMAT = 1
_TABLES = """
create table if not exists verdicts (
    key text primary key, model text not null, entry text not null, made integer not null, used integer not null
) without rowid;
create index if not exists verdicts_by_use on verdicts (used);
create table if not exists manners (server text, model text, manner text not null, primary key (server, model)) without rowid;
"""
_DAY = 86_400
_KEY = re.compile("[0-9a-f]{64}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: answers by model, manners, and its size."""

    path: str
    answers: Mapping[str, int]
    manners: int
    size: int
    oldest: float | None


def default_folder() -> str:
    """The user's cache folder for us (XDG_CACHE_HOME counts)."""
    import platformdirs

    return platformdirs.user_cache_dir("stateless-guard", appauthor=False)


class Verdicts:
    """The answers in a folder. No method raises for a file that can not be used: `warn` is told once, and nothing is kept."""

    def __init__(self, folder: str, warn: Callable[[str], None] = lambda _sentence: None) -> None:
        self.path = os.path.join(folder, FILE_NAME)
        self._warn = warn
        self._turn = Lock()  # threads learn manners while another reads answers
        self._connection: sqlite3.Connection | None = None
        self._broken = False

    def recall(self, keys: Iterable[str]) -> Mapping[str, str]:
        """The answers that are kept, by key; whoever reads one validates it."""
        wanted = tuple(dict.fromkeys(keys))

        def read(connection: sqlite3.Connection) -> dict[str, str]:
            found = {}
            for key in wanted:
                row = connection.execute("select entry from verdicts where key = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = str(row[0])
            return found

        return self._tried(read, {}) if wanted else {}

    def touch(self, keys: Iterable[str]) -> None:
        """Say that these were of use: once a day, since every write makes others wait."""
        today = int(time.time())
        rows = [(today, key, today - _DAY) for key in keys]
        if rows:
            self._tried(lambda c: c.executemany("update verdicts set used = ? where key = ? and used < ?", rows), None)

    def keep(self, model: str, entries: Mapping[str, str]) -> None:
        """Keep answers by key; where there are too many, the ones that were not needed for longest go."""
        now = int(time.time())
        rows = [(key, model, entry, now, now) for key, entry in entries.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("insert or replace into verdicts values (?, ?, ?, ?, ?)", rows)
            (number,) = connection.execute("select count(*) from verdicts").fetchone()
            if number > MOST:
                connection.execute(
                    "delete from verdicts where key in (select key from verdicts order by used, made, key limit ?)",
                    (number - MOST + MOST // 10,),
                )

        if rows:
            self._tried(write, None)

    def known(self, server: str, model: str) -> Manner | None:
        """The manner that a server took last."""
        query = "select manner from manners where server = ? and model = ?"
        row = self._tried(lambda c: c.execute(query, (_hidden(server), model)).fetchone(), None)
        return manner_from(str(row[0])) if row else None

    def learn(self, server: str, model: str, manner: Manner) -> None:
        """Keep the manner that a server took."""
        row = (_hidden(server), model, manner.text)
        self._tried(lambda c: c.execute("insert or replace into manners values (?, ?, ?)", row), None)

    def close(self) -> None:
        """Close the file; what is kept then stands in one file, which can be carried elsewhere."""
        with self._turn, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _tried(self, work: Callable[[sqlite3.Connection], _T], otherwise: _T) -> _T:
        """What the work gives; `otherwise` where the file does not let it."""
        with self._turn:
            if self._broken:
                return otherwise
            try:
                if self._connection is None:
                    self._connection = _opened(self.path)
                with self._connection:
                    return work(self._connection)
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
        return otherwise

    def _give_up(self, error: Exception) -> None:
        """Say once that nothing is kept. What is not there any more is not tried again: the model is waiting."""
        self._broken = True
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self._warn(
            f"the cache of verdicts is not used, {self.path}: {told}; 'stateless-guard cache clear' makes a broken one anew, "
            "--no-cache does without"
        )


def _opened(path: str) -> sqlite3.Connection:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    # guard: ignore[local-disk] answers of a model, for whoever asks the same again; without the file a model is asked anew
    connection = sqlite3.connect(path, timeout=_WAIT, check_same_thread=False)
    try:
        _refuse_another_version(connection)
        connection.execute("pragma journal_mode = wal")  # readers and one writer at once
        connection.execute("pragma synchronous = normal")
        with connection:
            connection.executescript(_TABLES)
            connection.execute(f"pragma user_version = {_FORMAT}")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_another_version(connection: sqlite3.Connection) -> None:
    if connection.execute("pragma user_version").fetchone()[0] not in (0, _FORMAT):
        raise sqlite3.DatabaseError("it was written by another version")


def _hidden(server: str) -> str:
    """An address may hold a password, and is nobody's business: its hash finds it as well."""
    return hashlib.sha256(server.encode("utf-8", "replace")).hexdigest()[:32]


# -- looking after it ---------------------------------------------------------------------------------------------------


def contents(folder: str) -> Contents | None:
    """What a folder keeps; None if it keeps nothing. Raises UsageError for a file that can not be read."""
    path = os.path.join(folder, FILE_NAME)
    with _looking_at(path) as connection:
        if connection is None:
            return None
        answers = dict(connection.execute("select model, count(*) from verdicts group by model order by model").fetchall())
        (manners,) = connection.execute("select count(*) from manners").fetchone()
        (oldest,) = connection.execute("select min(made) from verdicts").fetchone()
    return Contents(path, answers, manners, os.path.getsize(path), oldest)


def problems(folder: str, is_answer: Callable[[str], bool]) -> tuple[str, ...]:
    """What is wrong with the file of a folder, in words; nothing for one that is as it should be, or is not there."""
    found = []
    try:
        with _looking_at(os.path.join(folder, FILE_NAME)) as connection:
            if connection is None:
                return ()
            found = [str(row[0]) for row in connection.execute("pragma integrity_check(20)") if row[0] != "ok"]
            rows = connection.execute("select key, entry from verdicts")
            broken = sum(not (_KEY.fullmatch(str(key)) and is_answer(str(entry))) for key, entry in rows)
            if broken:
                found.append(f"{broken} of its entries are no answers; they are not used")
    except UsageError as error:
        return (str(error),)
    return tuple(found)


def clear(folder: str) -> int:
    """Forget all answers and manners; gives the number of answers there were. Raises UsageError."""
    path = os.path.join(folder, FILE_NAME)
    try:
        with _looking_at(path) as connection:
            if connection is None:
                return 0
            (number,) = connection.execute("select count(*) from verdicts").fetchone()
            connection.execute("delete from verdicts")
            connection.execute("delete from manners")
            connection.commit()
            connection.execute("vacuum")
            return int(number)
    except UsageError:
        if os.path.isdir(path):
            raise
        return _removed(path)  # nothing in it can be read: others that have it open have the same trouble


def _removed(path: str) -> int:
    for file in (path, f"{path}-wal", f"{path}-shm"):
        try:
            os.remove(file)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise UsageError(f"{file}: can not be removed: {error.strerror}") from None
    return 0


@contextlib.contextmanager
def _looking_at(path: str) -> Iterator[sqlite3.Connection | None]:
    if not os.path.lexists(path):
        yield None
        return
    connection = None
    try:
        connection = _opened(path)
        yield connection
    except (sqlite3.Error, OSError) as error:
        if os.path.isdir(path):
            raise UsageError(f"{path}: is a folder, and a file is wanted: move it away") from None
        raise UsageError(f"{path}: {error}; 'stateless-guard cache clear' makes it anew") from None
    finally:
        if connection is not None:
            connection.close()
