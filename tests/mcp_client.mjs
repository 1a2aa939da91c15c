// Drives the MCP server with the TypeScript SDK: node mcp_client.mjs NODE_MODULES GENERATION TARGET [COMMAND…]
// GENERATION: v1 (@modelcontextprotocol/sdk), 2025-11-25 or 2026-07-28 (@modelcontextprotocol/client). TARGET: a URL, or the folder to start COMMAND in.
import { createRequire } from "node:module";

const [modules, generation, target, command, ...words] = process.argv.slice(2);
const require = createRequire(`${modules}/here.js`);

function made() {
  const me = { name: "test", version: "1" };
  if (generation === "v1") {
    const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
    const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
    const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");
    return { client: new Client(me), Stdio: StdioClientTransport, Http: StreamableHTTPClientTransport };
  }
  const { Client, StreamableHTTPClientTransport } = require("@modelcontextprotocol/client");
  const { StdioClientTransport } = require("@modelcontextprotocol/client/stdio");
  const mode = generation === "2025-11-25" ? "legacy" : { pin: generation };
  return { client: new Client(me, { versionNegotiation: { mode } }), Stdio: StdioClientTransport, Http: StreamableHTTPClientTransport };
}

const { client, Stdio, Http } = made();
const call = (name, given, options) =>
  generation === "v1" ? client.callTool({ name, arguments: given }, undefined, options) : client.callTool({ name, arguments: given }, options);

await client.connect(target.startsWith("http") ? new Http(new URL(target)) : new Stdio({ command, args: words, cwd: target }));
const progress = [];
const tools = (await client.listTools()).tools;
const several = await Promise.all([1, 2, 3, 4].map(() => call("list_rules", { words: "flask" })));
const seen = {
  generation: client.getNegotiatedProtocolVersion?.() ?? "v1",
  tools: tools.map((tool) => tool.name),
  hints: tools.map((tool) => tool.annotations),
  review: await call("review_changes", {}, { onprogress: (told) => progress.push(told.progress) }),
  refused: await call("scan_file", { path: "/etc/passwd" }),
  several: several.map((answer) => answer.structuredContent.total),
  rule: (await client.readResource({ uri: "guard://rules/session-store" })).contents[0].text,
  atom: (await client.readResource({ uri: "guard://atoms/StatelessProcesses/core" })).contents[0].text,
  prompt: (await client.getPrompt({ name: "write_stateless_code", arguments: { task: "a cart" } })).messages[0].content.text,
  completed: (
    await client.complete({ ref: { type: "ref/resource", uri: "guard://rules/{id}" }, argument: { name: "id", value: "session-" } })
  ).completion.values,
  progress,
};
await client.close();
process.stdout.write(JSON.stringify(seen));
