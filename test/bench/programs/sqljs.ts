// SQLite as the sql.js package ships it, with its own glue: inserts through a recursive CTE, an index, a join, a
// group-by, string functions. wasm2js itself refuses this module (it aborts), so its column is sql.js's own asm.js build,
// which Emscripten made with wasm2js.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { glueText } from "./glue.js";
import type { Subject } from "./subject.js";

// Runs on the engine under test, as text: it may use nothing from this file.
const WORKLOAD = `function(open){
  return open.then(function(SQL){return function(n){
    var db=new SQL.Database();
    db.run("create table t(id integer primary key, g int, s text, v real);"+
      "with recursive c(x) as (select 1 union all select x+1 from c where x<"+n+") "+
      "insert into t select x,(x*7919)%503,printf('k%05d',(x*31)%9973),(x%977)*1.25 from c;"+
      "create index i on t(s);");
    var r=db.exec("select count(*),sum(a.v*b.v),group_concat(distinct a.g%7) from t a join t b on a.s=b.s and a.id<=b.id where a.g<60;"+
      "select g,count(*),avg(v),max(s) from t group by g order by 3 desc,1 limit 3;"+
      "select sum(length(replace(s,'k','kk'))),sum(instr(s,'99')),sum(x) from t,(select sum(id*id%1000) x from t) where s like '%9%';"+
      "with recursive f(i,a,b) as (select 1,1,1 union all select i+1,b,(a+b)%1000000007 from f where i<"+n+") select max(a),sum(b%97) from f");
    db.close();
    return JSON.stringify(r.map(function(one){return one.values}))}})}`;

function workloadText(glue: string, hook: string): string {
  return `function(instantiate){return (${WORKLOAD})((${glueText(glue)})()({${hook}}))}`;
}

export function sqljs(packages: string): Subject | undefined {
  const dist = join(packages, "sql.js/dist");
  if (!existsSync(dist)) return undefined;
  const hook = "instantiateWasm:function(imports,use){use({exports:instantiate(imports)});return {}}";
  const workload = workloadText(readFileSync(join(dist, "sql-wasm.js"), "utf8"), hook);
  return {
    name: "sqljs",
    kind: "program",
    sizes: [10000, 800, 60],
    bytes: readFileSync(join(dist, "sql-wasm.wasm")),
    workload,
    wasm2js: {
      code: { text: "undefined", size: 0 },
      workload: () => workloadText(readFileSync(join(dist, "sql-asm.js"), "utf8"), ""),
      note: "sqljs: wasm2js aborts on this module; its column is sql.js's own asm.js build, made with wasm2js by Emscripten",
    },
  };
}
