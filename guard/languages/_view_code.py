"""The code in views of ERB and Blade as one program: text becomes blank, so that lines are those of the file.

All of it is in a method of a controller, since that is when it runs: once for each request that is answered with the view.
"""

from __future__ import annotations

import re

from guard.regex import regex

_ERB = regex(r"<%(?P<mark>[%#=-]{0,2})(?P<code>.*?)-?%>", re.DOTALL)
_ERB_START = "class View < ApplicationController; def rendered; "
_ERB_END = "; end; end"
_BLADE = regex(
    r"\{\{--.*?--\}\}|@verbatim\b.*?@endverbatim\b"
    r"|@php(?![\w(])(?P<block>.*?)@endphp\b|@php\s*\((?P<inline>[^\n]*?)\)[ \t]*$"
    r"|<\?(?:php\b|=)(?P<tag>.*?)(?:\?>|\Z)|@?\{\{(?P<echo>.*?)\}\}|\{!!(?P<raw>.*?)!!\}",
    re.DOTALL | re.MULTILINE,
)
_BLADE_START = "<?php class View extends Controller { public function rendered(Request $request) { "
_BLADE_END = " } }"
_USE = regex(r"^([ \t]*)use[ \t]+[\w\\, {}]+(?:[ \t]+as[ \t]+\w+)?;", re.MULTILINE)


def ruby_of(text: str) -> str:
    """The Ruby in a view (https://docs.ruby-lang.org/en/master/ERB.html)."""
    pieces: list[str] = [_ERB_START]
    end = 0
    for found in _ERB.finditer(text):
        pieces.append(_blank(text[end : found.start()]))
        is_code = found["mark"][:1] not in {"%", "#"}
        pieces.append(f"{found['code']};" if is_code else _blank(found[0]))
        end = found.end()
    return "".join((*pieces, _blank(text[end:]), _ERB_END))


def php_of(text: str) -> str:
    """The PHP in a view (https://laravel.com/docs/blade)."""
    pieces: list[str] = [_BLADE_START]
    end = 0
    for found in _BLADE.finditer(text):
        pieces.append(_blank(text[end : found.start()]))
        code = next((found[name] for name in ("block", "inline", "tag", "echo", "raw") if found[name] is not None), None)
        if code is None or found[0].startswith("@{{"):
            pieces.append(_blank(found[0]))
        else:
            pieces.append(f" {_USE.sub(lambda use: _blank(use[0]), code)};{_rest(found[0], code)}")
        end = found.end()
    return "".join((*pieces, _blank(text[end:]), _BLADE_END))


def _rest(whole: str, code: str) -> str:
    """Line ends of a mark that are not part of the code in it."""
    return "\n" * (whole.count("\n") - code.count("\n"))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
