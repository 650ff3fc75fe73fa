// The command line as data: every command with its options and examples, once. yargs is configured from it (help,
// errors), and so is the quick reader that `run` uses to start without loading yargs.
import { TARGETS } from "../../loader/layout.js";
import type { I64Form } from "../options.js";

export interface Option {
  readonly name: string;
  /** One-letter or older spellings. */
  readonly alias?: readonly string[];
  /** Shown in help in place of the value; an option without it is a switch. */
  readonly value?: string;
  readonly multiple?: true;
  readonly choices?: readonly string[];
  readonly describe: string;
}

export interface Command {
  readonly name: string;
  /** `<file>` is required, `[args..]` takes the rest. */
  readonly positionals: string;
  readonly describe: string;
  readonly options: readonly Option[];
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly notes?: string;
}

export const FORMATS = ["aot", "esm", "cjs", "script"] as const;
const I64_FORMS: readonly I64Form[] = ["auto", "halves", "bigint"];
export const OPT_LEVELS = ["0", "1", "2", "3", "s", "z"] as const;

const FEATURES: readonly Option[] = [
  {
    name: "features",
    value: "LIST",
    multiple: true,
    describe: "proposals to allow or refuse: +wide-arithmetic,-simd; also --enable-NAME and --disable-NAME",
  },
];

const OPT_LEVEL: Option = {
  name: "opt-level",
  alias: ["O"],
  value: "LEVEL",
  choices: OPT_LEVELS,
  describe: "-O0 to -O3, -Os, -Oz; 1 is the default, 2 and 3 order and inline more, s and z prefer small code",
};

/** Where memory comes from and how much of it; the names are those of WAMR's iwasm. */
const MEMORY: readonly Option[] = [
  {
    name: "pool",
    value: "SIZE",
    describe: "take all memory from one pool of this size: 256K, 4M, … (Alloc_With_Pool)",
  },
  { name: "max-memory-pages", value: "N", describe: "memories end at N pages of 64 KiB, whatever their own maximum" },
  { name: "stack-size", value: "SIZE", describe: "stack for calls between host and guest (default: 16K)" },
  { name: "heap-size", value: "SIZE", describe: "a heap in the guest's memory for its host (default: none)" },
];

const HTML: Option = {
  name: "html",
  value: "FILE",
  describe: "also draw the memory map: one page, to open in a browser",
};

export const COMMANDS: readonly Command[] = [
  {
    name: "compile",
    positionals: "<input>",
    describe: "Compile WebAssembly (.wasm or .wat) ahead of time",
    options: [
      { name: "output", alias: ["o"], value: "FILE", describe: "what to write; its ending chooses the format" },
      {
        name: "format",
        value: "FORMAT",
        choices: FORMATS,
        describe: "aot (.aot) for the loader; JavaScript as esm (.mjs), cjs (.cjs), script (.js)",
      },
      OPT_LEVEL,
      {
        name: "target",
        value: "ENGINE",
        choices: TARGETS,
        describe: `engine to tune for (${TARGETS.join(", ")}); the code runs on all of them, that for v8 where there is BigInt`,
      },
      {
        name: "i64",
        value: "FORM",
        choices: I64_FORMS,
        describe: "i64 as int32 halves, as bigint wherever possible, or auto (the default): as the target likes it",
      },
      {
        name: "runtime",
        value: "KIND",
        choices: ["self-contained", "external"],
        describe: "self-contained JavaScript, or external: an ES module that imports wamrc-ts",
      },
      { name: "name", value: "NAME", describe: "the global variable that a script defines" },
      { name: "debug", alias: ["g"], describe: "JavaScript formats: keep what traps need to tell Wasm byte offsets" },
      { name: "declarations", describe: "JavaScript formats: also write TypeScript declarations beside the output" },
      ...FEATURES,
      { name: "threads", value: "N", describe: "threads to compile with (default: one a core)" },
      {
        name: "profile",
        value: "FILE",
        describe:
          "functions that run --record-profile saw share pages of an .aot: fewer of them to verify, compile and link",
      },
      {
        name: "disable-pass",
        value: "NAME",
        multiple: true,
        describe: "switch one pass of the compiler off, to find the one behind a fault; a wrong NAME lists them",
      },
      { name: "quiet", alias: ["q"], describe: "say nothing but errors" },
    ],
    examples: [
      ["wamrc-ts compile app.wasm -o app.aot", "an artifact for wamrc-ts run and wamrc-ts/loader"],
      ["wamrc-ts compile app.wasm -o app.mjs -O2", "one ES module, without eval and without imports"],
      ["wamrc-ts compile app.wat -o app.js --name App", "a classic script that defines the global App"],
    ],
  },
  {
    name: "run",
    positionals: "<file> [args..]",
    describe: "Run a WASI command, or one function with --invoke",
    options: [
      { name: "invoke", alias: ["f", "function"], value: "NAME", describe: "call this export instead of _start" },
      {
        name: "dir",
        value: "GUEST=HOST",
        multiple: true,
        describe: "give the program a host folder under a guest path; a path alone serves as both",
      },
      {
        name: "env",
        value: "NAME=VALUE",
        multiple: true,
        describe: "set a variable; a name alone passes on the host's value",
      },
      { name: "argv0", value: "NAME", describe: "the program's own name (default: the file's, without ending)" },
      ...MEMORY,
      { name: "mem", describe: "when the program has ended, report on stderr what memory it had" },
      { name: "json", describe: "the memory report for machines, in one line" },
      HTML,
      {
        name: "record-profile",
        value: "FILE",
        describe: "write which functions ran, for compile --profile; <file> is a .wasm or .wat",
      },
      OPT_LEVEL,
      ...FEATURES,
    ],
    examples: [
      ["wamrc-ts run app.aot", "run a compiled WASI command"],
      ["wamrc-ts run python.aot --dir /w=. -- /w/hello.py", "give it a folder, and arguments of its own"],
      ["wamrc-ts run fac.wat --invoke fac 20", "call one exported function"],
      ["wamrc-ts run app.aot --pool 4M --mem", "all memory from a pool, and a report in the end"],
    ],
    notes:
      "<file> is an .aot, a JavaScript artifact, or .wasm/.wat compiled on the fly. The program's own options go after --. " +
      "Arguments of --invoke are numbers (also 0x…, nan, inf) or null.",
  },
  {
    name: "mem",
    positionals: "<file>",
    describe: "Show what memory loading and instantiating takes, to the byte",
    options: [{ name: "json", describe: "for machines" }, HTML, ...MEMORY, OPT_LEVEL, ...FEATURES],
    examples: [
      ["wamrc-ts mem app.aot", "by category, module, instance and item"],
      ["wamrc-ts mem app.aot --pool 1M --html map.html", "in a pool of 1 MiB; the map of it as a page"],
    ],
    notes:
      "<file> is an .aot, a JavaScript artifact, or .wasm/.wat compiled on the fly. It is not run, but for its start function; " +
      "imports other than WASI's are stand-ins.",
  },
  {
    name: "inspect",
    positionals: "<file>",
    describe: "Show what an artifact or a module consists of",
    options: [
      { name: "json", describe: "for machines" },
      { name: "disassemble", alias: ["d"], describe: "the instructions of a module, function by function" },
      { name: "function", value: "N", describe: "disassemble this function only, by index or name" },
    ],
    examples: [
      ["wamrc-ts inspect app.aot", "sections, pages, relocations, imports, exports"],
      ["wamrc-ts inspect app.wasm --json", "the same of a module, as JSON"],
    ],
  },
  {
    name: "validate",
    positionals: "<files..>",
    describe: "Check modules against the specification",
    options: [...FEATURES, { name: "quiet", alias: ["q"], describe: "say nothing but errors" }],
    examples: [["wamrc-ts validate app.wasm lib.wasm", "a line for each file; exit code 65 if one is not valid"]],
  },
];

export function findCommand(name: string): Command {
  return COMMANDS.find((command) => command.name === name)!;
}

/** The spellings of compilers that users have in their fingers, as options of the table. */
export function normalizeArguments(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const own = argv.slice(0, end).map((arg) => {
    const level = /^-O([0-3sz]?)$/.exec(arg);
    if (level) return `--opt-level=${level[1] === "" ? "2" : level[1]}`;
    const feature = /^--(enable|disable)-(?!pass$)([a-z0-9-]+)$/.exec(arg);
    if (feature) return `--features=${feature[1] === "enable" ? "+" : "-"}${feature[2]}`;
    return arg;
  });
  return [...own, ...argv.slice(end)];
}
