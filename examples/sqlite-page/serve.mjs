// node examples/sqlite-page/serve.mjs [port]: compiles sql.js's SQLite to JavaScript and serves the page on loopback, with
// a Content-Security-Policy that allows scripts of the page's own origin and nothing else.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "wamrc-ts/compiler";

const here = dirname(fileURLToPath(import.meta.url));
const sqljs = dirname(createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.js"));

const POLICY = "default-src 'self'; script-src 'self'";
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css" };

/** Resolves with the server once it listens; port 0 takes any free one. */
export async function serve(port) {
  const files = {
    "index.html": await readFile(join(here, "index.html")),
    "page.js": await readFile(join(here, "page.js")),
    "page.css": await readFile(join(here, "page.css")),
    "sql-wasm.js": await readFile(join(sqljs, "sql-wasm.js")),
    "sqlite.js": await compile(await readFile(join(sqljs, "sql-wasm.wasm")), {
      format: "script",
      name: "SqliteModule",
    }),
  };
  const server = createServer(({ url }, response) => {
    const name = new URL(url, "http://localhost").pathname.slice(1) || "index.html";
    const body = Object.hasOwn(files, name) ? files[name] : undefined;
    const headers = {
      "content-security-policy": POLICY,
      "content-type": TYPES[name.split(".").at(-1)] ?? "text/plain",
    };
    response.writeHead(body ? 200 : 404, headers).end(body ?? "not found");
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return server;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const server = await serve(Number(argv[2] ?? 8080));
  console.log(`http://127.0.0.1:${server.address().port}/`);
}
