// sql.js as its authors published it, but for one thing: where its glue would compile the .wasm, it is handed an instance
// of the artifact. `SqliteModule` is the global that sqlite.js, the compiled module, defines.
/* global SqliteModule, initSqlJs */
const $ = (id) => document.getElementById(id);

start().catch((error) => showStatus(error.message, true));

async function start() {
  showFact(
    "new WebAssembly.Module",
    refusal(() => new WebAssembly.Module(emptyModule())),
  );
  showFact(
    "new Function",
    refusal(() => new Function("return 1")),
  );

  const before = performance.now();
  const SQL = await initSqlJs({
    instantiateWasm(imports, done) {
      done(SqliteModule.instantiateSync(imports));
    },
  });
  const db = new SQL.Database();
  const version = db.exec("SELECT sqlite_version()")[0].values[0][0];
  showFact("SQLite", `${version}, ready in ${(performance.now() - before).toFixed(0)} ms`);

  db.run("CREATE TABLE planets(planet TEXT, radius REAL, moons INTEGER)");
  const insert = db.prepare("INSERT INTO planets VALUES (?, ?, ?)");
  for (const row of PLANETS) insert.run(row);
  insert.free();

  $("console").addEventListener("submit", (event) => {
    event.preventDefault();
    run(db);
  });
  run(db);
}

const PLANETS = [
  ["Mercury", 2439.7, 0],
  ["Venus", 6051.8, 0],
  ["Earth", 6371, 1],
  ["Mars", 3389.5, 2],
  ["Jupiter", 69911, 95],
  ["Saturn", 58232, 146],
  ["Uranus", 25362, 28],
  ["Neptune", 24622, 16],
];

function run(db) {
  try {
    const before = performance.now();
    const [result] = db.exec($("sql").value);
    showTable(result?.columns ?? [], result?.values ?? []);
    showStatus(`${result?.values.length ?? 0} rows in ${(performance.now() - before).toFixed(1)} ms`);
  } catch (error) {
    showStatus(error.message, true);
  }
}

/** The error that the page's policy makes of something forbidden; "allowed" would be news. */
function refusal(attempt) {
  try {
    attempt();
    return "allowed";
  } catch (error) {
    return `refused: ${error.name}`;
  }
}

function emptyModule() {
  return new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
}

function showFact(name, value) {
  $("facts").append(element("dt", name), element("dd", value));
}

function showTable(columns, rows) {
  const head = element("tr");
  head.append(...columns.map((name) => element("th", name)));
  const body = rows.map((row) => {
    const line = element("tr");
    line.append(...row.map((value) => element("td", value === null ? "NULL" : String(value))));
    return line;
  });
  $("result").replaceChildren(head, ...body);
}

function showStatus(text, isError = false) {
  $("status").textContent = text;
  $("status").className = isError ? "error" : "done";
}

function element(name, text = "") {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}
