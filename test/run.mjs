// The test driver: `node test/run.mjs [name…]` runs compiled tests (dist/test/**/*.test.js) and ends with one line
// `N passed, N failed, N skipped`. A name is a folder or a file below test/, with or without its ending; without names
// it runs everything but the suites that have their own script or need other engines.
//   --quiet  says nothing about files that pass     --names=REGEX  runs only tests whose name matches
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const OWN_SCRIPT = ["spec", "fuzz", "workloads", "bench", "engines"];
const built = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "test");

const options = process.argv.slice(2).filter((a) => a.startsWith("--"));
const names = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const quiet = options.includes("--quiet");
const only = options.find((o) => o.startsWith("--names="))?.slice("--names=".length);
const unknown = options.filter((o) => o !== "--quiet" && !o.startsWith("--names="));
if (unknown.length) usage(`unknown option ${unknown[0]}`);

const all = readdirSync(built, { recursive: true })
  .filter((name) => name.endsWith(".test.js"))
  .map((name) => name.split(sep).join("/"))
  .sort();
const wanted = names.map((name) => name.replace(/^(dist\/)?test\//, "").replace(/(\.test)?(\.[jt]s)?\/?$/, ""));
wanted.forEach((name, i) => {
  if (!all.some((file) => matches(file, name))) usage(`no tests match "${names[i]}"`);
});
const files = all.filter((file) =>
  wanted.length ? wanted.some((name) => matches(file, name)) : !OWN_SCRIPT.includes(file.split("/")[0]),
);

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const total = { passed: 0, failed: 0, skipped: 0 };
const byFile = new Map(files.map((file) => [file, { passed: 0, failed: 0, skipped: 0, ms: 0, lines: [], output: [] }]));
const started = performance.now();
let current;

const stream = run({
  files: files.map((file) => join(built, file)),
  concurrency: availableParallelism(),
  timeout: 10 * 60_000,
  ...(only === undefined ? {} : { testNamePatterns: [new RegExp(only)] }),
});
stream.on("test:pass", (event) =>
  count(event, event.skip !== undefined || event.todo !== undefined ? "skipped" : "passed"),
);
stream.on("test:fail", (event) => count(event, "failed"));
stream.on("test:stdout", (event) => byFile.get(fileOf(event))?.output.push(event.message));
stream.on("test:stderr", (event) => byFile.get(fileOf(event))?.output.push(event.message));
stream.on("data", () => {});
stream.on("end", () => {
  if (current !== undefined) report(current);
  console.log(`\n${((performance.now() - started) / 1000).toFixed(1)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed || total.passed === 0 ? 1 : 0;
});

function count(event, outcome) {
  const { error, type, duration_ms: ms } = event.details;
  const file = fileOf(event);
  let entry = byFile.get(file);
  // Tests that another file declares for the one that was run are told by that file's name; they count all the same.
  if (!entry) byFile.set(file, (entry = { passed: 0, failed: 0, skipped: 0, ms: 0, lines: [], output: [] }));
  if (file !== current) {
    if (current !== undefined) report(current);
    current = file;
  }
  // A suite or a test with failing subtests only repeats what those said. The file itself may arrive as a test named by
  // its path; it counts only where the file failed as a whole: could not be loaded, crashed, or was too slow.
  const isFile = event.nesting === 0 && event.name.endsWith(".test.js");
  if (event.nesting === 0 && !isFile) entry.ms += ms;
  if (error?.failureType === "subtestsFailed") return;
  if (outcome === "failed" ? isFile && entry.failed > 0 : isFile || type === "suite") return;
  total[outcome]++;
  entry[outcome]++;
  if (outcome === "failed") {
    entry.lines.push(paint(31, `  FAILED ${isFile ? file : event.name}`), indent(describe(error?.cause ?? error)));
    if (isFile) entry.lines.push(indent(entry.output.join("").trimEnd()));
  } else if (outcome === "skipped") {
    const reason = [event.skip, event.todo].find((why) => typeof why === "string");
    entry.lines.push(`  skipped ${event.name}${reason ? `: ${reason}` : ""}`);
  }
}

function report(file) {
  const entry = byFile.get(file);
  if (quiet && !entry.failed) return;
  const mark = entry.failed ? paint(31, "FAIL") : paint(32, "ok  ");
  const skipped = entry.skipped ? `, ${entry.skipped} skipped` : "";
  const failed = entry.failed ? `, ${entry.failed} failed` : "";
  console.log(
    `${mark} ${file.replace(/\.js$/, "")}  ${entry.passed} passed${failed}${skipped}  ${(entry.ms / 1000).toFixed(1)} s`,
  );
  for (const line of entry.lines) console.log(line);
}

function describe(error) {
  if (typeof error !== "object" || error === null) return String(error);
  // Frames of the test runner itself tell nothing.
  return String(error.stack ?? error.message ?? error)
    .split("\n")
    .filter((line) => !/node:internal/.test(line))
    .join("\n");
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}

function fileOf(event) {
  return event.file === undefined ? undefined : relative(built, event.file).split(sep).join("/");
}

function matches(file, name) {
  const path = file.replace(/\.test\.js$/, "");
  return path === name || path.startsWith(`${name}/`);
}

function usage(problem) {
  console.error(`test: ${problem}\nusage: node test/run.mjs [--quiet] [--names=REGEX] [folder or file below test/ …]`);
  process.exit(2);
}
