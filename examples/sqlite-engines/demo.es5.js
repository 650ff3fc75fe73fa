// The same queries on every engine. `Sqlite` is the artifact, `openDatabase` comes from host.es5.js, `print` from the shell.
"use strict";

print("WebAssembly here: " + typeof WebAssembly);
var db = openDatabase(Sqlite.instantiateSync);

print("SQLite " + db.query("SELECT sqlite_version()")[0][0]);
db.query("CREATE TABLE measure(id INTEGER PRIMARY KEY, word TEXT, value REAL)");
db.query(
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) " +
    "INSERT INTO measure SELECT i, 'größe ' || (i * 7919 % 101), i / 7.0 FROM n",
);
db.query("CREATE INDEX by_word ON measure(word)");

var rows = db.query(
  "SELECT word, count(*), printf('%.4f', sum(value)), max(id) * 1844674407370955 FROM measure " +
    "GROUP BY word ORDER BY sum(value) DESC LIMIT 3",
);
for (var i = 0; i < rows.length; i++) print(rows[i].join(" | "));
print(
  db.query(
    "WITH RECURSIVE f(n, a, b) AS (SELECT 1, 0, 1 UNION ALL SELECT n + 1, b, a + b FROM f WHERE n < 90) " +
      "SELECT 'fib(90) = ' || max(b) FROM f",
  )[0][0],
);
try {
  db.query("SELECT x FROM nowhere");
} catch (error) {
  print(error.message);
}
db.close();
