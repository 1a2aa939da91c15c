"""The evidence that a question brings along: who calls, what else is done with the name, how it is configured and started."""

from __future__ import annotations

from collections.abc import Mapping

from guard.change import Texts, parse
from guard.model.question import Question
from guard.pipeline import observe
from guard.pipeline.gathering import Site
from guard.pipeline.questions import questions_from


def _asked(changed: str, files: Mapping[str, str]) -> dict[str, dict[int, str]]:
    """The lines that are shown of each file, for the first question that a new file raises."""
    return {excerpt.path: dict(excerpt.lines) for excerpt in _questions(changed, files)[0].excerpts}


def _questions(changed: str, files: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions that a new file raises."""
    lines = files[changed].removesuffix("\n").split("\n")
    patch = f"diff --git a/{changed} b/{changed}\nnew file mode 100644\n--- /dev/null\n+++ b/{changed}\n@@ -0,0 +1,{len(lines)} @@\n"
    change, source = parse((patch + "".join(f"+{line}\n" for line in lines)).encode()), Texts(files)
    return questions_from(observe(change, source), Site(change, source))


PACKAGE = '{"dependencies": {"express": "^4.0.0", "multer": "^1.4.0", "socket.io": "^4.0.0"}}\n'
UPLOAD = """\
const multer = require('multer');

const storage = multer.diskStorage({
  destination: './data/uploads',
});

const upload = multer({
  storage,
});

module.exports = upload;
"""


def test_what_is_made_of_a_store_is_followed_to_who_serves_it() -> None:
    """From the storage to the handler of uploads, and to the line that serves the folder; not to pages of a browser."""
    routes = "const express = require('express');\nconst upload = require('./upload');\nconst api = express();\n\napi.post('/icons', upload.single('icon'), (req, res) => {\n  res.json(req.file.filename);\n});\n"
    server = "const express = require('express');\nconst app = express();\n\napp.use('/files', express.static('data/uploads'));\napp.listen(80);\n"
    page = "export const Icon = () => <img src='/uploads/x' />;\n"
    shown = _asked(
        "upload.js",
        {"upload.js": UPLOAD, "routes.js": routes, "server.js": server, "client/src/Icon.jsx": page, "package.json": PACKAGE},
    )
    assert "const upload = multer({" in shown["upload.js"].values()
    assert "api.post('/icons', upload.single('icon'), (req, res) => {" in shown["routes.js"].values()
    assert "app.use('/files', express.static('data/uploads'));" in shown["server.js"].values()
    assert set(shown) == {"upload.js", "routes.js", "server.js"}


def test_a_process_manager_is_asked_about_with_the_program_that_it_starts() -> None:
    """What that program says of its state, and what it loads first."""
    manager = "module.exports = {\n  apps: [\n    {\n      name: 'chat',\n      script: './bin/www.js',\n      instances: 'max',\n      exec_mode: 'cluster',\n    },\n  ],\n};\n"
    program = "const { io } = require('../app');\nconst http = require('http');\n\nconst server = http.createServer();\nio.attach(server);\nserver.listen(3000);\n"
    app = "const { Server } = require('socket.io');\n\nconst io = new Server();\nconst rooms = new Map();\n\nmodule.exports = { io, rooms };\n"
    shown = _asked(
        "chat/pm2.config.js",
        {"chat/pm2.config.js": manager, "chat/bin/www.js": program, "chat/app.js": app, "chat/package.json": PACKAGE},
    )
    assert "const { io } = require('../app');" in shown["chat/bin/www.js"].values()
    assert "const rooms = new Map();" in shown["chat/app.js"].values()


def test_a_setting_that_the_code_asks_for_is_shown_where_it_is_given() -> None:
    """The connection string that decides which database it is."""
    program = """\
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDbContext<Data>(options => options.UseSqlite(builder.Configuration.GetConnectionString("DefaultConnection")));
var app = builder.Build();
app.MapGet("/", (Data data) => data.Orders);
app.Run();
"""
    settings = '{\n  "ConnectionStrings": {\n    "DefaultConnection": "Data Source=shop.db"\n  }\n}\n'
    project = '<Project Sdk="Microsoft.NET.Sdk.Web">\n  <ItemGroup>\n    <PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="8.0.0" />\n  </ItemGroup>\n</Project>\n'
    shown = _asked(
        "Shop/Program.cs",
        {"Shop/Program.cs": program, "Shop/appsettings.Development.json": settings, "Shop/Shop.csproj": project},
    )
    assert '    "DefaultConnection": "Data Source=shop.db"' in shown["Shop/appsettings.Development.json"].values()


def test_how_it_is_started_is_shown_from_the_folders_above() -> None:
    """The command of the image and the number of instances; not those of somebody else's folder."""
    docker = 'FROM python:3.12\nCOPY . .\nCMD ["gunicorn", "-w", "4", "app:app"]\n'
    code = "from flask import Flask, request\n\napp = Flask(__name__)\nAPP_JOBS = {}\n\n\n@app.post('/jobs')\ndef start():\n    APP_JOBS[request.form['id']] = 'queued'\n    return ''\n\n\n@app.get('/jobs/<job>')\ndef state(job):\n    return APP_JOBS[job]\n"
    shown = _asked("app.py", {"app.py": code, "Dockerfile": docker, "other/Dockerfile": docker, "requirements.txt": "flask\n"})
    assert shown["Dockerfile"] == {3: 'CMD ["gunicorn", "-w", "4", "app:app"]'}
    assert "other/Dockerfile" not in shown


def test_a_caller_must_know_what_it_calls() -> None:
    """A method of the same name in a file that never names the class is somebody else's."""
    store = "import shelve\n\n\nclass Keeper:\n    def remember(self, key):\n        with shelve.open('db') as db:\n            db[key] = 1\n"
    caller = "from flask import Flask\nfrom store import Keeper\n\napp = Flask(__name__)\n\n\n@app.post('/x')\ndef handle():\n    Keeper().remember('x')\n    return ''\n"
    other = "def dream(diary):\n    diary.remember('store')\n    # Keeper\n"
    shown = _asked(
        "store.py",
        {
            "store.py": store,
            "views.py": caller,
            "diary.py": other.replace("    # Keeper\n", "").replace("'store'", "1"),
            "requirements.txt": "flask\n",
        },
    )
    assert "    Keeper().remember('x')" in shown["views.py"].values()
    assert "diary.py" not in shown


def test_what_is_shown_stays_within_a_bound() -> None:
    """However long the functions are: with its words, a question is no longer than what stands before it."""
    long = "".join(f"    other_{number} = jobs.get('{number}')  # a line that takes room\n" for number in range(400))
    code = f"from flask import Flask\n\napp = Flask(__name__)\njobs = {{}}\n\n\n@app.post('/jobs')\ndef start():\n{long}    jobs['x'] = 1\n    return ''\n\n\n@app.get('/jobs')\ndef state():\n{long}    return jobs['x']\n"
    shown = _asked("app.py", {"app.py": code, "requirements.txt": "flask\n"})
    assert sum(len(text) for lines in shown.values() for text in lines.values()) < 5_000
    assert "    jobs['x'] = 1" in shown["app.py"].values()


def test_what_the_project_declares_is_said_with_what_it_does_not() -> None:
    """Packages that keep state, of the manifests above the file, and the services it is run with; nothing of files of settings."""
    compose = "services:\n  web:\n    build: .\n  cache:\n    image: redis:7\n"
    files = {
        "shop/upload.js": UPLOAD,
        "shop/package.json": PACKAGE,
        "other/package.json": '{"dependencies": {"pg": "^8.0.0"}}',
        "docker-compose.yml": compose,
    }
    (question,) = _questions("shop/upload.js", files)
    assert question.known == (
        "Packages in shop/package.json that keep state, or reach what keeps it: multer, socket.io.",
        "Services that it is run with: redis (docker-compose.yml).",
    )
    disk = "services:\n- type: web\n  name: blog\n  env: docker\n  disk:\n    name: content\n    mountPath: /var/lib/blog/content\n    sizeGB: 10\n"
    (volume,) = _questions("render.yaml", {**files, "render.yaml": disk})
    assert volume.known == ()


def test_what_takes_an_entry_out_again_is_shown() -> None:
    """How long it lives decides whether a later request needs it; however often the name is used."""
    uses = "".join(f"\n\ndef step_{number}(job):\n    print(jobs[job])\n" for number in range(12))
    code = f"from flask import Flask, request\n\napp = Flask(__name__)\njobs = {{}}\n\n\n@app.post('/jobs')\ndef start():\n    jobs[request.form['id']] = 'queued'\n    return ''\n\n\n@app.get('/jobs/<job>')\ndef state(job):\n    return jobs[job]\n{uses}\n\ndef finish(job):\n    jobs.pop(job, None)\n"
    shown = _asked("app.py", {"app.py": code, "requirements.txt": "flask\n"})
    assert "    jobs.pop(job, None)" in shown["app.py"].values()


def test_what_a_file_of_settings_names_is_shown_where_code_asks_for_it() -> None:
    """A cache region says little; the filter that keeps the sessions of a user in it says what it is."""
    region = '<ehcache name="shop">\n  <cache name="user-sessions"\n         maxEntriesLocalHeap="1000"/>\n</ehcache>\n'
    code = 'package shop;\n\npublic class KickOut {\n  private Cache<String, Deque<String>> cache;\n\n  public void setManager(CacheManager manager) {\n    this.cache = manager.getCache("user-sessions");\n  }\n}\n'
    shown = _asked(
        "src/main/resources/ehcache/ehcache-shiro.xml",
        {"src/main/resources/ehcache/ehcache-shiro.xml": region, "src/main/java/shop/KickOut.java": code},
    )
    lines = shown["src/main/java/shop/KickOut.java"].values()
    assert '    this.cache = manager.getCache("user-sessions");' in lines
    assert "public class KickOut {" in lines


def test_what_was_not_looked_at_is_said() -> None:
    """A name that stands in many files: the nearest were read, and nobody is told that it were all."""
    others = {
        f"pages/page_{number:02}.py": f"from store import remember\n\n\ndef page_{number:02}():\n    remember('{number}')\n"
        for number in range(20)
    }
    store = "import shelve\n\n\ndef remember(key):\n    with shelve.open('db') as db:\n        db[key] = 1\n"
    (question,) = _questions("store.py", {"store.py": store, **others, "requirements.txt": "flask\n"})
    assert question.known[-1] == "Not all unchanged files that name this were looked at."
