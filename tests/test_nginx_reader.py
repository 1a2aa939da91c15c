"""The readers of proxies' and web servers' own formats: nginx, HAProxy, Apache, Caddy."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.catalogue.patterns import text_of
from guard.facts import Facts, Setting, Unknown
from guard.languages import read

PATHS = ("nginx.conf", "haproxy.cfg", "httpd.conf", "Caddyfile")
PIECES = st.sampled_from(
    [
        "upstream a {",
        "server",
        "{",
        "}",
        ";",
        "ip_hash",
        "\n",
        "\r\n",
        " ",
        "\t",
        "#",
        '"',
        "'",
        "\\",
        "\\\n",
        "{{",
        "}}",
        "{%",
        "%}",
        "<%=",
        "<?php",
        "<Proxy",
        "</Proxy>",
        ">",
        "backend b\n",
        "${X}",
        "lua_block {",
        "é",
    ]
)


def _facts(path: str, text: str) -> Facts:
    facts = read(path, text.encode())
    assert facts is not None
    return facts


def _pairs(facts: Facts) -> list[tuple[str, str]]:
    return [(".".join(setting.path), text_of(setting.value)) for setting in facts.settings]


def _setting(facts: Facts, path: str) -> Setting:
    return next(setting for setting in facts.settings if ".".join(setting.path) == path)


def _lines(facts: Facts, path: str) -> tuple[int, int]:
    span = _setting(facts, path).span
    return span.line, span.end_line


UPSTREAM = "upstream app {\n  ip_hash;\n  server a:80;\n}\n"
PROXY = "<VirtualHost *:80>\n  ProxyPass / http://app/\n</VirtualHost>\n"
BACKEND = "backend app\n    balance roundrobin\n    server a 10.0.0.1:80\n"


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("nginx.conf", "", "nginx"),
        ("deploy/nginx-prod.conf.template", "", "nginx"),
        ("roles/web/templates/nginx.conf.j2", "", "nginx"),
        ("conf.d/app.conf", UPSTREAM, "nginx"),
        ("sites-available/default", UPSTREAM, "nginx"),
        ("sites-available/example.com", PROXY, "apache"),
        ("conf.d/app.conf", PROXY, "apache"),
        (".htaccess", "", "apache"),
        ("template/config.php", PROXY, "apache"),
        ("haproxy.cfg.j2", "", "haproxy"),
        ("roles/lb/templates/lb.cfg", BACKEND, "haproxy"),
        ("conf.d/40-app.conf", BACKEND, "haproxy"),
        ("notes.md", UPSTREAM, None),
        ("src/upstream.rs", "upstream x {\n}", None),
    ],
)
def test_the_format_is_told_by_name_or_content(path: str, text: str, language: str | None) -> None:
    """`.conf` and files without an ending belong to whoever's blocks stand in them."""
    facts = read(path, text.encode())
    assert (facts and facts.language) == language


def test_nginx_directives_stand_below_their_blocks() -> None:
    """Blocks are named with their arguments, values are the directive's arguments, lines are those of the file."""
    text = "http {\n  # sticky\n  upstream app {\n    hash $remote_addr\n         consistent;\n    server 'a b':80;\n  }\n  server { location = /x { proxy_pass http://app; } }\n}\n"
    facts = _facts("nginx.conf", text)
    assert _pairs(facts) == [
        ("http", ""),
        ("http.upstream", "app"),
        ("http.upstream.app.hash", "$remote_addr consistent"),
        ("http.upstream.app.server", "a b :80"),
        ("http.server", ""),
        ("http.server.location", "= /x"),
        ("http.server.location.= /x.proxy_pass", "http://app"),
    ]
    assert _lines(facts, "http.upstream") == (3, 7)
    assert _lines(facts, "http.upstream.app.hash") == (4, 5)
    assert [(comment.text, comment.span.line) for comment in facts.comments] == [("sticky", 2)]


def test_nginx_in_a_template_keeps_its_lines_and_says_what_is_unknown() -> None:
    """Tags that print are words, the others are blank, quotes in template comments open nothing."""
    text = "{# don't #}\nupstream {{ name }} {\n{% if\n sticky %}\n  ip_hash;\n{% endif %}\n  server ${HOST}:80;\n}\n"
    facts = _facts("nginx.conf.j2", text)
    assert _setting(facts, "upstream").value == Unknown("{{ name }}")
    assert _lines(facts, "upstream.{{ name }}.ip_hash") == (5, 5)
    assert text_of(_setting(facts, "upstream.{{ name }}.server").value) == "${}:80"


def test_nginx_that_is_cut_off_is_read_and_said_to_be_broken() -> None:
    """A fragment's directives are found without the block that includes it."""
    facts = _facts("nginx.conf", "ip_hash;\n}\nupstream a {\n  server b;\n")
    assert ("ip_hash", "") in _pairs(facts)
    assert [span.line for span in facts.broken] == [2, 3]
    assert _lines(facts, "upstream") == (3, 4)


def test_haproxy_directives_stand_below_their_sections() -> None:
    """Comments are left out of values, a section reaches to its last directive."""
    text = 'global\n  maxconn 10\n\nbackend app # main\n\tbalance\tsource   # by address\n  cookie SRV insert\n  acl x hdr(host) -m str "a # b"\n\n'
    facts = _facts("haproxy.cfg", text)
    assert _pairs(facts) == [
        ("global", ""),
        ("global.maxconn", "10"),
        ("backend", "app"),
        ("backend.app.balance", "source"),
        ("backend.app.cookie", "SRV insert"),
        ("backend.app.acl", 'x hdr(host) -m str "a # b"'),
    ]
    assert _lines(facts, "backend") == (4, 7)
    assert [comment.text for comment in facts.comments] == ["main", "by address"]


def test_haproxy_in_a_template_keeps_its_sections() -> None:
    """A section whose name is a hole is still a section."""
    facts = _facts("haproxy.cfg.j2", "{% for s in services %}\nlisten {{ s.name }}\n  balance source\n{% endfor %}\n")
    assert _pairs(facts) == [("listen", "{{ s.name }}"), ("listen.{{ s.name }}.balance", "source")]


def test_apache_directives_stand_below_their_sections_in_lower_case() -> None:
    """Names do not tell cases apart, arguments do; a backslash continues a line; PHP around it is a hole."""
    text = '<?php $a = 1;\n?>\n<VirtualHost *:80>\n  <PROXY "balancer://app">\n    BalancerMember http://<?php print $a ?> \\\n      route=1\n    ProxySet stickysession=R\n  </Proxy>\n  # note\n</VirtualHost>\n'
    facts = _facts("template.php", text)
    assert _pairs(facts) == [
        ("virtualhost", "*:80"),
        ("virtualhost.*:80.proxy", "balancer://app"),
        ("virtualhost.*:80.proxy.balancer://app.balancermember", "http://${} route=1"),
        ("virtualhost.*:80.proxy.balancer://app.proxyset", "stickysession=R"),
    ]
    assert _lines(facts, "virtualhost.*:80.proxy") == (4, 8)
    assert _lines(facts, "virtualhost.*:80.proxy.balancer://app.balancermember") == (5, 6)
    assert [(comment.text, comment.span.line) for comment in facts.comments] == [("note", 9)]


def test_caddy_directives_stand_below_their_blocks() -> None:
    """Addresses and directives with blocks are named with their arguments."""
    text = '{\n  email x\n}\nexample.com, www.example.com {\n  # why\n  reverse_proxy a:80 b:80 {\n    lb_policy cookie "my lb" # sticky\n  }\n}\n'
    facts = _facts("Caddyfile", text)
    assert _pairs(facts) == [
        ("", ""),
        (".email", "x"),
        ("example.com,", "www.example.com"),
        ("example.com,.www.example.com.reverse_proxy", "a:80 b:80"),
        ("example.com,.www.example.com.reverse_proxy.a:80 b:80.lb_policy", "cookie my lb"),
    ]
    assert _lines(facts, "example.com,.www.example.com.reverse_proxy") == (6, 8)
    assert [comment.text for comment in facts.comments] == ["why", "sticky"]


@pytest.mark.parametrize("path", PATHS)
@given(pieces=st.lists(PIECES, max_size=60))
def test_no_text_raises_and_every_span_lies_in_the_file(path: str, pieces: list[str]) -> None:
    """Whatever stands in a file, its facts point into it."""
    facts = _facts(path, "".join(pieces))
    for span in [*(s.span for s in facts.settings), *(c.span for c in facts.comments)]:
        assert 1 <= span.line <= span.end_line <= len(facts.lines)
    for span in facts.broken:
        assert 1 <= span.line <= span.end_line <= len(facts.lines)


@pytest.mark.parametrize("path", PATHS)
@given(pieces=st.lists(PIECES.filter(lambda piece: "\r" not in piece), max_size=60))
def test_line_ends_of_windows_make_no_difference(path: str, pieces: list[str]) -> None:
    """CR LF reads like LF."""
    text = "".join(pieces)
    assert _facts(path, text.replace("\n", "\r\n")).settings == _facts(path, text).settings


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "text",
    ["a {" * 100_000, "<Proxy x>\n" * 50_000 + "</x>\n" * 50_000, "x" * 2_000_000, "{{" * 50_000, "backend b\n" * 50_000],
)
def test_deep_nesting_and_long_lines_are_bounded(path: str, text: str) -> None:
    """Hostile texts neither overflow the stack nor take long."""
    start = time.process_time()
    _facts(path, text)
    assert time.process_time() - start < 5
