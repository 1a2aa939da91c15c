"""The reader of shell scripts: what they write, export and give as options."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue import load, matches
from guard.catalogue.patterns import text_of
from guard.facts import Facts
from guard.languages import read

PIECES = st.sampled_from(
    [
        "cat > x.conf <<EOF\n",
        "<<-'E'\n",
        "EOF\n",
        "E\n",
        "\tE\n",
        "echo '",
        "'",
        '"',
        " >> php.ini\n",
        "export A=",
        "--x=",
        "--y ",
        "\\\n",
        "\n",
        "#",
        "upstream a {\n",
        "}",
        "é",
    ]
)


def _facts(text: str, path: str = "entrypoint.sh") -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    assert facts.language == "shell"
    return facts


def _rows(facts: Facts) -> list[tuple[str, str, int]]:
    return [(".".join(setting.path), text_of(setting.value), setting.span.line) for setting in facts.settings]


def test_a_here_document_is_read_as_what_it_becomes() -> None:
    """Its settings have the lines of the script, and its format's rules apply."""
    text = (
        "#!/bin/sh\ncat > /etc/nginx/conf.d/app.conf <<EOF\nupstream app {\n  ip_hash;\n  server ${HOST}:80;\n}\nEOF\nnginx\n"
    )
    facts = _facts(text, "docker/start")
    assert ("upstream.app.ip_hash", "", 4) in _rows(facts)
    assert facts.embedded == ("nginx",)
    assert [(match.rule.id, match.span.line) for match in matches(load().candidates(facts), facts)] == [("nginx-ip-hash", 4)]


def test_text_that_is_printed_into_a_file_is_read_too() -> None:
    """`echo` and `printf`, redirected or through tee."""
    facts = _facts("echo \"session.save_path = /x\" >> /etc/php.ini\nprintf '[a]\\nb = c\\n' | sudo tee app.ini\n")
    assert _rows(facts) == [("session.save_path", "/x", 1), ("a.b", "c", 2)]
    assert facts.embedded == ("ini",)


def test_exports_options_and_attributes_are_settings() -> None:
    """Each at its own line of a command that goes over several; a comment is none."""
    text = 'export SESSION_DRIVER="file"\n# export OLD=1\ngcloud x \\\n  --session-affinity=CLIENT_IP \\\n  --name web # why\naws y --attributes Key=a.b,Value=true\n'
    facts = _facts(text)
    assert ("SESSION_DRIVER", "file", 1) in _rows(facts)
    assert ("--session-affinity", "CLIENT_IP", 4) in _rows(facts)
    assert ("--name", "web", 5) in _rows(facts)
    assert ("a.b", "true", 6) in _rows(facts)
    assert not [row for row in _rows(facts) if row[0] == "OLD"]
    assert [comment.text for comment in facts.comments] == ["export OLD=1"]


RUN = 'docker run -d --name shop \\\n  -p 80:80 -e SESSION_DRIVER=file \\\n  -v "/srv/up":/app/up:ro --mount type=bind,source=/d,target=/data \\\n  shop:1 serve --x\n'


def test_a_container_that_stays_is_a_service() -> None:
    """Options and image as in a Compose file, each at its line; what is run once is none."""
    facts = _facts(RUN + "docker run --rm -it -v $PWD:/app node npm test\n")
    assert [row for row in _rows(facts) if row[0].startswith("docker run")] == [
        ("docker run.shop.image", "shop:1", 4),
        ("docker run.shop.environment.0", "SESSION_DRIVER=file", 2),
        ("docker run.shop.volumes.0", "/srv/up:/app/up:ro", 3),
        ("docker run.shop.volumes.1.type", "bind", 3),
        ("docker run.shop.volumes.1.source", "/d", 3),
        ("docker run.shop.volumes.1.target", "/data", 3),
    ]


def test_a_unit_of_systemd_that_runs_a_container_is_a_service() -> None:
    """Also without a flag that says so, and with holes of templates in it."""
    facts = read(
        "shop.service.j2", b"[Service]\nExecStart=/usr/bin/docker run --rm \\\n  -v {{ base }}/up:/app/up \\\n  {{ image }}\n"
    )
    assert facts is not None
    assert [(text_of(s.value), s.span.line) for s in facts.settings if "volumes" in s.path] == [("${}/up:/app/up", 3)]


def test_a_container_unit_is_a_service() -> None:
    """Podman's own units have keys for what `podman run` has options for."""
    facts = read("shop.container", b"[Container]\nImage=shop:1\nVolume=/srv/up:/app/up\nVolume=/srv/x:/x\n")
    assert facts is not None
    assert [(".".join(s.path), text_of(s.value), s.span.line) for s in facts.settings if s.path[0] == "docker run"] == [
        ("docker run.shop:1.image", "shop:1", 2),
        ("docker run.shop:1.volumes.0", "/srv/up:/app/up", 3),
        ("docker run.shop:1.volumes.1", "/srv/x:/x", 4),
    ]


def test_a_here_document_that_is_no_configuration_yields_nothing() -> None:
    """A usage text, a mail, a SQL statement."""
    facts = _facts("cat <<EOF\nusage: x [y]\n  server a b\nEOF\n")
    assert _rows(facts) == []
    assert facts.embedded == ()


def test_a_block_of_yaml_that_becomes_a_file_is_read_as_that_file() -> None:
    """A ConfigMap's nginx.conf, at its lines, as a document of its own."""
    text = (
        "kind: ConfigMap\ndata:\n  default.conf: |\n    upstream app {\n      ip_hash;\n    }\n  note: |\n    just\n    words\n"
    )
    facts = read("configmap.yaml", text.encode())
    assert facts is not None
    assert facts.embedded == ("nginx",)
    directive = next(setting for setting in facts.settings if setting.path[-1] == "ip_hash")
    assert (directive.path, directive.span.line, directive.document) == (("upstream", "app", "ip_hash"), 5, 1)


def test_what_a_dockerfile_writes_is_read_as_that_file() -> None:
    """Printed lines stand at their own line of a long instruction."""
    text = 'FROM php\nRUN x && \\\n  echo "session.save_path = /data" >> /etc/php.ini && \\\n  echo done\n'
    facts = read("Dockerfile", text.encode())
    assert facts is not None
    assert [(s.span.line, s.document) for s in facts.settings if s.path == ("session.save_path",)] == [(3, 1)]


@given(pieces=st.lists(PIECES, max_size=60))
def test_no_text_raises_and_every_span_lies_in_the_file(pieces: list[str]) -> None:
    """Whatever stands in a script, its facts point into it."""
    facts = _facts("".join(pieces))
    for span in [*(s.span for s in facts.settings), *(c.span for c in facts.comments)]:
        assert 1 <= span.line <= span.end_line <= len(facts.lines)


@pytest.mark.parametrize("text", ["cat <<E\n" * 5_000, "x" * 2_000_000, 'echo "' * 50_000, "--a " * 100_000, "a \\\n" * 20_000])
def test_long_scripts_are_bounded(text: str) -> None:
    """Here-documents that never end, quotes that never close, commands over thousands of lines."""
    start = time.process_time()
    _facts(text)
    assert time.process_time() - start < 5
