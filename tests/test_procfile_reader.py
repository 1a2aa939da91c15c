"""The reader of Procfiles, and the variables that units and supervisors give their processes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Facts
from guard.languages import read


def _facts(text: str, path: str = "Procfile") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _settings(facts: Facts) -> list[tuple[str, str, int]]:
    return [(".".join(s.path), text_of(s.value), s.span.line) for s in facts.settings]


def test_a_process_is_a_service() -> None:
    """A command, and the variables before it."""
    facts = _facts(
        '# web\nweb: STORE=file NAME="a b" gunicorn app:app --bind :$PORT\nrelease: env X=${Y:-1} ./migrate\n\nnot a process\n'
    )
    assert facts.language == "procfile"
    assert _settings(facts) == [
        ("web.command", "gunicorn app:app --bind :$PORT", 2),
        ("web.environment.0", "STORE=file", 2),
        ("web.environment.1", "NAME=a b", 2),
        ("release.command", "./migrate", 3),
        ("release.environment.0", "X=${}", 3),
    ]
    assert [span.line for span in facts.broken] == [5]
    assert [comment.text for comment in facts.comments] == ["web"]


def test_names_that_are_procfiles() -> None:
    """Those of environments and systems too; a template is what it makes."""
    assert all(
        _facts("web: a b\n", path).language == "procfile"
        for path in ("api/Procfile", "Procfile.dev", "web.procfile", "Procfile.tmpl")
    )


def test_units_and_supervisors_give_variables() -> None:
    """One variable a setting, quoted as each of them quotes."""
    unit = _facts("[Service]\nEnvironment=\"A=x y\" B=1 'C=2'\nEnvironment=D=${X}/z\nEnvironmentFile=/etc/x\n", "shop.service")
    assert _settings(unit)[3:] == [
        ("Service.Environment.0", "A=x y", 2),
        ("Service.Environment.1", "B=1", 2),
        ("Service.Environment.2", "C=2", 2),
        ("Service.Environment.3", "D=${}/z", 3),
    ]
    program = _facts("[program:web]\nenvironment=STORE=\"file\",URL='a,b',N=%(x)s\n", "supervisord.conf")
    assert _settings(program)[1:] == [
        ("program:web.environment.0", "STORE=file", 2),
        ("program:web.environment.1", "URL=a,b", 2),
        ("program:web.environment.2", "N=%(x)s", 2),
    ]
    wsgi = _facts("[uwsgi]\nenv = STORE=file\nworkers = 4\n", "uwsgi.ini")
    assert _settings(wsgi)[-1] == ("uwsgi.env.0", "STORE=file", 2)


@given(st.text("web: A=\"'# ${}\n\t[]é", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever stands there is a process, a comment or a broken place."""
    _facts(text)
    _facts(f"[Service]\nEnvironment={text}", "shop.service")
