"""The rules of files that are written: what each says to users, and the examples that test and explain it."""

from __future__ import annotations

from enum import StrEnum

from guard.catalogue import Example, Rule
from guard.finding import Check, Confidence
from guard.roles import CODE


class Kind(StrEnum):
    """What the file is; each is a rule."""

    UPLOAD = "upload-on-local-disk"
    STORE = "local-file-store"
    WRITE = "local-file-write"


SAYS = {
    Kind.UPLOAD: "After a deploy, or on a second instance, uploaded files are missing: they are kept on the disk of the machine that took the upload.",
    Kind.STORE: "After a deploy, or on a second instance, what was saved is gone: a file on this machine's own disk is written by one request and read by a later one.",
    Kind.WRITE: "After a deploy, or on a second instance, this file is missing: a request writes it to the machine's own disk and nothing removes it.",
}
REMEDY = {
    Kind.UPLOAD: "Send the upload to an object store (S3, GCS, Azure Blob) and keep its key; serve it from there or by a signed URL.",
    Kind.STORE: "Keep the data in the database or another backing service; a local file may only be a copy of it.",
    Kind.WRITE: "Write to an object store or the database; use a temporary file only within the request, and remove it there.",
}

_PY_UPLOAD = "from flask import Flask, request\napp = Flask(__name__)\n@app.post('/p')\ndef up():\n    f = request.files['f']\n    f.save('uploads/' + f.filename)\n    return ''\n"
_PY_SCRATCH = (
    "import os, tempfile\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.post('/p')\ndef up():\n    f = request.files['f']\n"
    "    path = os.path.join(tempfile.mkdtemp(), 'x')\n    f.save(path)\n    store(path)\n    return ''\n"
)
_JS_STORE = (
    "const express = require('express'); const fs = require('fs');\nconst FILE = './settings.json';\nconst app = express();\n"
    "app.get('/s', (req, res) => res.json(JSON.parse(fs.readFileSync(FILE))));\napp.post('/s', (req, res) => { fs.writeFileSync(FILE, JSON.stringify(req.body)); res.end(); });\n"
)
_JS_SCRATCH = (
    "const express = require('express'); const fs = require('fs'); const os = require('os'); const path = require('path');\nconst app = express();\n"
    "app.post('/s', async (req, res) => { const p = path.join(os.tmpdir(), 'a'); fs.writeFileSync(p, req.body); await upload(p); res.end(); });\n"
)
_PY_WRITE = "from flask import Flask, request\napp = Flask(__name__)\n@app.post('/r')\ndef make():\n    with open('reports/' + request.form['name'], 'w') as out:\n        out.write('x')\n    return ''\n"
_PY_REMOVED = (
    "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.post('/r')\ndef make():\n    path = 'reports/' + request.form['name']\n    with open(path, 'w') as out:\n"
    "        out.write('x')\n    send(path)\n    os.remove(path)\n    return ''\n"
)


_JS_UPLOAD = (
    "const express = require('express'); const multer = require('multer');\nconst app = express();\n"
    "app.post('/p', multer().single('f'), (req, res) => { require('fs').writeFileSync('./uploads/' + req.file.originalname, req.file.buffer); res.end(); });\n"
)
_PY_STREAMED = (
    "import io\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.post('/p')\ndef up():\n    f = request.files['f']\n"
    "    buffer = io.BytesIO()\n    f.save(buffer)\n    bucket.upload_fileobj(buffer, f.filename)\n    return ''\n"
)
_PY_STORE = (
    "import json\nfrom flask import Flask, request\napp = Flask(__name__)\nFILE = 'users.json'\n@app.get('/u')\ndef users():\n    with open(FILE) as src:\n        return json.load(src)\n"
    "@app.post('/u')\ndef keep():\n    with open(FILE, 'w') as out:\n        json.dump(request.json, out)\n    return ''\n"
)
_PY_READ_ONLY = "import json\nfrom flask import Flask\napp = Flask(__name__)\n@app.get('/u')\ndef users():\n    with open('users.json') as src:\n        return json.load(src)\n"
_JS_WRITE = (
    "const express = require('express'); const fs = require('fs');\nconst app = express();\n"
    "app.post('/r', (req, res) => { fs.writeFileSync(`reports/${req.body.name}.csv`, req.body.rows); res.end(); });\n"
)
_PY_COMMAND = "import sys\ndef main():\n    with open('reports/' + sys.argv[1], 'w') as out:\n        out.write('x')\nif __name__ == '__main__':\n    main()\n"


def _rule(kind: Kind, match: tuple[Example, ...], no_match: tuple[Example, ...]) -> Rule:
    return Rule(
        id=kind,
        check=Check.LOCAL_DISK,
        confidence=Confidence.LIKELY,
        message=SAYS[kind],
        remedy=REMEDY[kind],
        docs="https://12factor.net/processes",
        languages=CODE,
        match=match,
        no_match=no_match,
    )


RULES: tuple[Rule, ...] = (
    _rule(
        Kind.UPLOAD,
        (Example("app.py", _PY_UPLOAD), Example("app.js", _JS_UPLOAD)),
        (Example("app.py", _PY_SCRATCH), Example("app.py", _PY_STREAMED)),
    ),
    _rule(
        Kind.STORE,
        (Example("app.js", _JS_STORE), Example("app.py", _PY_STORE)),
        (Example("app.js", _JS_SCRATCH), Example("app.py", _PY_READ_ONLY)),
    ),
    _rule(
        Kind.WRITE,
        (Example("app.py", _PY_WRITE), Example("app.js", _JS_WRITE)),
        (Example("app.py", _PY_REMOVED), Example("report.py", _PY_COMMAND)),
    ),
)
