"""Secrets that a server makes up and keeps in a file: each instance has its own, and a deploy makes another.

Cookies, tokens and ciphertexts of one process are worthless to the next. It happens at start-up, where other files are no
one's only copy, and it is found by what is written: a key that was just generated.

    if not os.path.exists("secret.key"):
        Path("secret.key").write_text(secrets.token_hex(32))

Instead: a secret of the deployment, given to all instances by the environment or a secret store.
"""

from __future__ import annotations

from collections.abc import Iterator

from guard.analyses import View
from guard.analyses._files import touches
from guard.analyses._paths import is_scratch, marks, path_words
from guard.analyses._paths import parts as path_parts
from guard.analyses._runtime import targets
from guard.analyses._touches import Does, Touch
from guard.catalogue import Example, Rule
from guard.facts import Action, Call, Facts, Name, Value, walk
from guard.finding import Check, Confidence, Evidence, Signal
from guard.regex import regex
from guard.roles import CODE

_ID = "generated-secret-on-local-disk"
_KEY = regex(
    r"(?:Fernet|Ed25519PrivateKey|X25519PrivateKey|AESGCM)\.generate(?:_key)?\b|generate_private_key|\b(?:rsa|ecdsa|ed25519)\.GenerateKey"
    r"|generateKeyPair(?:Sync)?\b|\bgenerateKey(?:Sync)?\b|RSA\.(?:generate|Create)\b|PKey\.RSA\.new|openssl_pkey_new"
)
"""Calls that make a key and nothing else."""
_RANDOM = regex(
    r"\brandom_?string\b|(?i:\bgenerate_?(?:secret|token|api_?key|password)\b)|secrets\.token_|os\.urandom|randomBytes|random_bytes|openssl_random_pseudo_bytes|SecureRandom|RandomNumberGenerator|get_random_secret_key|randomUUID"
    r"|crypto/rand\.|nanoid"
)
"""Calls that make up bytes, for a secret or for something else."""
_SECRET_WORDS = frozenset("secret key apikey token jwt salt cookie signing csrf pem password credential certificate".split())

_MESSAGE = (
    "Each instance makes up its own secret, and a deploy makes another one: what was signed or encrypted with it is worthless then."
    " It is generated here and kept in a file on this machine's disk."
)


def find(view: View) -> Iterator[Signal]:
    """Every file of the server that a freshly made secret is written to."""
    facts = view.facts
    if not view.served:
        return
    found = list(touches(facts))
    for touch in found:
        if touch.does is Does.WRITE and _holds_a_secret(touch, facts) and not is_scratch(touch.path, touch.call.scope, facts):
            yield _signal(touch, _reader(touch, found, facts), view)


def _holds_a_secret(touch: Touch, facts: Facts) -> bool:
    scope = touch.call.scope
    names = [_name(part) for part in _parts(touch.what, scope, facts) if isinstance(part, Call | Name)]
    names += (call.name for name in names for call in _calls_of(name, facts))
    if any(_KEY.search(name) for name in names):
        return True
    return any(_RANDOM.search(name) for name in names) and bool(path_words(touch.path, scope, facts) & _SECRET_WORDS)


def _parts(value: Value | None, scope: str, facts: Facts) -> Iterator[Value]:
    """What a value is made of, also what a variable was given after it was made: `key = read()`, and below `key = make()`."""
    yield from path_parts(value, scope, facts)
    names = {part.path.removeprefix("~") for part in walk(value) if isinstance(part, Name)}
    wholes = {name.removesuffix("[]") for name in names if name.endswith("[]")}
    for use in facts.uses if names else ():
        given = use.action is Action.REBIND and use.name in names
        put = use.action is Action.MUTATE and use.method == "[]" and use.name in wholes  # `config["SECRET_KEY"] = make()`
        if (given or put) and use.scope == scope:
            yield from path_parts(use.value, scope, facts)


def _calls_of(name: str, facts: Facts) -> Iterator[Call]:
    """The calls of a function of the file, of whose result a name is a part: `~generate().privateKey`."""
    made, called, _ = name.partition("().")
    if called and made.startswith("~"):
        for target in targets(made, "", facts):
            yield from (call for call in facts.calls if call.scope == target)


def _name(part: Call | Name) -> str:
    return part.name if isinstance(part, Call) else part.path


def _reader(touch: Touch, found: list[Touch], facts: Facts) -> Touch | None:
    """The call that reads the secret back: it is kept to be used again."""
    known = marks(touch.path, touch.call.scope, facts)
    reads = [other for other in found if other.does is Does.READ]
    same = next((other for other in reads if known & marks(other.path, other.call.scope, facts)), None)
    return same or next((other for other in reads if _member(other.path) and _member(other.path) == _member(touch.path)), None)


def _member(path: Value | None) -> str:
    """The field that a path is kept in: `privateKeyPath` of `paths.privateKeyPath`, whatever `paths` is called."""
    return path.path.rpartition(".")[2] if isinstance(path, Name) and "." in path.path else ""


def _signal(touch: Touch, reader: Touch | None, view: View) -> Signal:
    facts, call = view.facts, touch.call
    evidence = [Evidence(facts.path, call.span.line, "a secret that was just made is written here")]
    if reader is not None:
        evidence.append(Evidence(facts.path, reader.call.span.line, "it is read again here"))
    return Signal(
        rule=_ID,
        check=Check.LOCAL_DISK,
        confidence=Confidence.POSSIBLE if reader is None else Confidence.LIKELY,
        path=facts.path,
        line=call.span.line,
        end_line=call.span.end_line,
        column=call.span.column,
        message=_MESSAGE,
        remedy=RULES[0].remedy_for(view.project, facts.path),
        identity=min(marks(touch.path, call.scope, facts), default=call.scope),
        code=facts.text(call.span),
        evidence=tuple(evidence),
        question=RULES[0].question,
    )


_MADE = (
    "import os, secrets\nfrom flask import Flask\napp = Flask(__name__)\nif not os.path.exists('secret.key'):\n    with open('secret.key', 'w') as file:\n"
    "        file.write(secrets.token_hex(32))\napp.secret_key = open('secret.key').read()\n"
)
_MADE_JS = (
    "const crypto = require('crypto'); const fs = require('fs'); const express = require('express');\nconst FILE = './data/jwt.key';\n"
    "if (!fs.existsSync(FILE)) fs.writeFileSync(FILE, crypto.randomBytes(32).toString('hex'));\nconst key = fs.readFileSync(FILE, 'utf8');\n"
)
_MADE_IN_SETTINGS = (
    "import os\nfrom flask import Flask\napp = Flask(__name__)\npath = os.path.join(app.config['CONFIG_PATH'], 'app.key')\nif os.path.exists(path):\n"
    "    app.config['SECRET_KEY'] = open(path, 'r').read()\nelse:\n    app.config['SECRET_KEY'] = str(os.urandom(32))\n"
    "    with open(path, 'w') as file:\n        file.write(app.config['SECRET_KEY'])\n"
)
_GIVEN = "import os\nfrom flask import Flask\napp = Flask(__name__)\napp.secret_key = os.environ['SECRET_KEY']\n"

RULES: tuple[Rule, ...] = (
    Rule(
        id=_ID,
        check=Check.LOCAL_DISK,
        confidence=Confidence.LIKELY,
        message=_MESSAGE,
        remedy="Give every instance the same secret from the environment or a secret store, and refuse to start without it.",
        docs="https://12factor.net/config",
        question="Do sessions, tokens or stored data depend on this generated secret after a restart, or on another instance?",
        languages=CODE,
        match=(Example("app.py", _MADE), Example("app.py", _MADE_IN_SETTINGS), Example("server.js", _MADE_JS)),
        no_match=(Example("app.py", _GIVEN), Example("app.py", _MADE.replace("'secret.key'", "'/tmp/secret.key'"))),
    ),
)
