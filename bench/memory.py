# ruff: noqa: ISC004, Q003 - pieces of programs, each a text
"""How much memory a review takes as a commit grows: the peak of the whole process for commits of 10 to 3,000 changed files.

    python bench/memory.py [FILES…]

Each commit changes files of mixed size and language, some of which keep state; the largest file is in every one of them. A review
holds the facts of at most some megabyte of texts at once (`guard/pipeline/pieces.py`), so the peak rises up to there and no further: it
grows with the largest files, not with the commit. Ends with status 1 if the largest commit takes more than three times what the smallest takes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SIZES = (10, 100, 1_000, 3_000)
MOST = 3.0
LINES = (20, 60, 150, 300, 600)
LARGEST = 4_000
STATEFUL = 25
"""Every how many files one keeps state."""


def main() -> int:
    """Print the peaks; gives the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=int, default=list(SIZES))
    peaks = {number: _measured(number) for number in options.parse_args().files}
    first = next(iter(peaks.values()))[0]
    print("files  added lines  peak MB  of the first")
    for number, (peak, added) in peaks.items():
        print(f"{number:5}  {added:11,}  {peak / 1024:7.1f}  {peak / first:12.2f}")
    return int(max(peak for peak, _ in peaks.values()) > MOST * first)


def _measured(number: int) -> tuple[int, int]:
    """The peak of one review in kilobytes, and how many lines its commit added."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder)
        _git(repository, "init", "-q")
        for side in (0, 1):
            for path, text in _files(number, side):
                target = repository / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            _git(repository, "add", "-A")
            _git(repository, "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "step")
        added = _git(repository, "diff", "--shortstat", "HEAD~1").split(" insertion")[0].split()[-1]
        return _peak(repository), int(added)


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True).stdout


def _peak(repository: Path) -> int:
    """The largest resident size of a review, in kilobytes."""
    command = [sys.executable, "-m", "guard", "review", "--commit", "HEAD", "--no-model", "--fail-on", "never"]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        complaint = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the review ended with {process.returncode}: {complaint.decode()}")
    return used.ru_maxrss


def _files(number: int, side: int) -> Iterator[tuple[str, str]]:
    """Paths and texts of one side of a commit: every other file is new, the others change in several places."""
    yield "requirements.txt", "flask\n"
    for index in range(number):
        if side == 0 and index % 2 and index:
            continue
        suffix, piece, state = LANGUAGES[index % len(LANGUAGES)]
        wanted = LARGEST if index == 0 else LINES[index * 7 % len(LINES)]
        pieces = [
            piece.format(number=place, value=place + side * (place % 5 == 0)) for place in range(wanted // piece.count("\n"))
        ]
        pieces += [state] if side and index % STATEFUL == 3 else []
        yield f"app/part{index % 40}/module{index}{suffix}", HEADS.get(suffix, "") + "".join(pieces) + TAILS.get(suffix, "")


HEADS = {
    ".py": "from flask import Flask, request\n\napp = Flask(__name__)\n\n",
    ".ts": "import express from 'express';\n\nconst app = express();\n\n",
    ".java": "package shop;\n\nimport org.springframework.web.bind.annotation.*;\n\n@RestController\npublic class Orders {\n",
    ".go": 'package shop\n\nimport "net/http"\n\n',
    ".rb": "class OrdersController < ApplicationController\n",
    ".php": "<?php\n\nnamespace App\\Http\\Controllers;\n\nclass Orders extends Controller\n{\n",
    ".cs": "using Microsoft.AspNetCore.Mvc;\n\npublic class Orders : ControllerBase\n{\n",
}
TAILS = {".java": "}\n", ".rb": "end\n", ".php": "}\n", ".cs": "}\n"}
LANGUAGES = (
    (
        ".py",
        "@app.get('/orders/{number}')\ndef orders_{number}():\n    found = load(request.args['id'], {value})\n    if not found:\n        return '', 404\n"
        "    return render(found, total=found.total + {value})\n\n",
        "carts = {}\n\n\n@app.post('/cart')\ndef cart():\n    carts[request.form['id']] = request.form\n    return carts[request.form['id']]\n",
    ),
    (
        ".ts",
        "app.get('/orders/{number}', async (req, res) => {{\n  const found = await load(req.params.id, {value});\n  if (!found) {{\n    return res.sendStatus(404);\n  }}\n"
        "  res.json({{ ...found, total: found.total + {value} }});\n}});\n\n",
        "const carts = new Map();\napp.post('/cart', (req, res) => {\n  carts.set(req.body.id, req.body);\n  res.json(carts.get(req.body.id));\n});\n",
    ),
    (
        ".java",
        '    @GetMapping("/orders/{number}")\n    public Order order{number}(@RequestParam String id) {{\n        Order found = orders.load(id, {value});\n'
        "        if (found == null) {{\n            throw new NotFound(id);\n        }}\n        return found.withTotal(found.total() + {value});\n    }}\n\n",
        "    private final Map<String, Cart> carts = new ConcurrentHashMap<>();\n\n    @PostMapping(\"/cart\")\n    public void put(@RequestBody Cart cart) {\n        carts.put(cart.id(), cart);\n    }\n",
    ),
    (
        ".go",
        "func order{number}(w http.ResponseWriter, r *http.Request) {{\n\tfound, err := load(r.URL.Query().Get(\"id\"), {value})\n\tif err != nil {{\n"
        "\t\thttp.Error(w, err.Error(), 404)\n\t\treturn\n\t}}\n\twrite(w, found.Total+{value})\n}}\n\n",
        "var carts = map[string]Cart{}\n\nfunc put(w http.ResponseWriter, r *http.Request) {\n\tcarts[r.FormValue(\"id\")] = read(r)\n}\n",
    ),
    (
        ".rb",
        "  def order_{number}\n    found = Order.find_by(id: params[:id], kind: {value})\n    return head(:not_found) unless found\n\n    render json: found.as_json(total: found.total + {value})\n  end\n\n",
        "  @@carts = {}\n\n  def put\n    @@carts[params[:id]] = params[:cart]\n  end\n",
    ),
    (
        ".php",
        "    public function order{number}(Request $request)\n    {{\n        $found = Order::where('id', $request->input('id'))->where('kind', {value})->first();\n"
        "        if (!$found) {{\n            abort(404);\n        }}\n        return response()->json(['total' => $found->total + {value}]);\n    }}\n\n",
        "    public function put(Request $request)\n    {\n        file_put_contents(storage_path('carts/' . $request->input('id')), $request->getContent());\n    }\n",
    ),
    (
        ".cs",
        '    [HttpGet("/orders/{number}")]\n    public IActionResult Order{number}(string id)\n    {{\n        var found = orders.Load(id, {value});\n'
        "        if (found == null) return NotFound();\n        return Ok(new {{ total = found.Total + {value} }});\n    }}\n\n",
        "    private static readonly Dictionary<string, Cart> Carts = new();\n\n    [HttpPost]\n    public void Put(Cart cart) { Carts[cart.Id] = cart; }\n",
    ),
    (".yaml", "setting{number}:\n  enabled: true\n  value: {value}\n  names:\n    - first\n    - second\n", "server:\n  servlet:\n    session:\n      store-type: none\n"),
    (".json", '{{"setting{number}": {{"enabled": true,\n "value": {value},\n "names": ["first",\n "second"]}}}}\n', ""),
)  # fmt: skip
"""Ending, a piece to repeat, and a piece that keeps state."""


if __name__ == "__main__":
    sys.exit(main())
