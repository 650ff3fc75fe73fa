// From arguments to an invocation, by two readers of the one table in options.ts. yargs finds fault best, but takes
// longer to load than many programs run; so a command line without fault is read by Node's own parseArgs. A test checks
// that the two agree.
import { parseArgs } from "node:util";
import { Failure } from "./failure.js";
import { COMMANDS, normalizeArguments, type Command, type Option } from "./options.js";

export interface Invocation {
  readonly command: string;
  readonly positionals: readonly string[];
  readonly switches: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export async function parseCommandLine(argv: readonly string[]): Promise<Invocation> {
  return parseQuickly(argv) ?? (await parseWithYargs(argv));
}

/** Undefined where the arguments are at fault, or merely unusual; yargs will tell. */
export function parseQuickly(argv: readonly string[]): Invocation | undefined {
  const command = COMMANDS.find(({ name }) => name === argv[0]);
  if (!command) return undefined;
  const options: Record<string, { type: "boolean" | "string"; multiple: true; short?: string }> = {};
  for (const option of command.options) {
    const shape = {
      type: option.value === undefined ? ("boolean" as const) : ("string" as const),
      multiple: true as const,
    };
    const short = option.alias?.find((alias) => alias.length === 1);
    options[option.name] = short === undefined ? shape : { ...shape, short };
    for (const alias of option.alias ?? []) if (alias !== short) options[alias] = shape;
  }
  try {
    const { values, positionals } = parseArgs({
      args: normalizeArguments(argv.slice(1)),
      allowPositionals: true,
      options,
    });
    const given = (option: Option): readonly (string | boolean)[] =>
      [option.name, ...(option.alias ?? [])].flatMap((name) => values[name] ?? []);
    return toInvocation(command, positionals, given);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return undefined;
  }
}

export async function parseWithYargs(argv: readonly string[]): Promise<Invocation> {
  const { default: yargs } = await import("yargs");
  const known = COMMANDS.some(({ name }) => name === argv[0]);
  const help = `wamrc-ts ${known ? `${argv[0]} ` : ""}--help`;
  let invocation: Invocation | undefined;
  const parser = yargs()
    .locale("en")
    .help(false)
    .version(false)
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "populate--": true,
    })
    .demandCommand(1, `no command given; one of ${COMMANDS.map(({ name }) => name).join(", ")}`)
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error instanceof Failure) throw error;
      throw new Failure("usage", `${describeFault(message ?? error?.message ?? "", argv)} (see ${help})`);
    });
  for (const command of COMMANDS) {
    parser.command(
      `${command.name} ${command.positionals}`,
      command.describe,
      (y) => {
        for (const option of command.options) {
          y.option(option.name, {
            alias: [...(option.alias ?? [])],
            ...(option.value === undefined
              ? { type: "boolean" as const }
              : { type: "string" as const, requiresArg: true, nargs: 1 }),
            ...(option.multiple ? { array: true } : {}),
          });
        }
        return y;
      },
      (args) => {
        const named = [...command.positionals.matchAll(/[<[](\w+)/g)].flatMap(([, name]) => args[name!] as string[]);
        const rest = [...args._.slice(1).map(String), ...((args["--"] as string[] | undefined) ?? [])];
        const given = (option: Option): readonly (string | boolean)[] => [(args[option.name] ?? []) as string].flat();
        invocation = toInvocation(command, [...named, ...rest], given);
      },
    );
  }
  await parser.parseAsync(normalizeArguments(argv));
  if (!invocation) throw new Failure("usage", `unknown command ${argv[0]} (see ${help})`);
  return invocation;
}

/** The checks that belong to neither reader: how many positionals, how often an option, which values. */
function toInvocation(
  command: Command,
  positionals: readonly string[],
  given: (option: Option) => readonly (string | boolean)[],
): Invocation {
  const help = `(see wamrc-ts ${command.name} --help)`;
  const [required] = /\w+/.exec(command.positionals)!;
  if (positionals.length === 0) {
    throw new Failure("usage", `no ${required === "files" ? "file" : required} given ${help}`);
  }
  if (!command.positionals.includes("..") && positionals.length > 1) {
    throw new Failure("usage", `one ${required} at a time, but also got ${positionals.slice(1).join(" ")} ${help}`);
  }
  const switches = new Set<string>();
  const values = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  for (const option of command.options) {
    const list = given(option);
    if (list.length === 0) continue;
    if (option.value === undefined) {
      switches.add(option.name);
    } else if (option.multiple) {
      lists.set(option.name, list as string[]);
    } else {
      const [value] = list as string[];
      if (list.length > 1) throw new Failure("usage", `--${option.name} given ${list.length} times ${help}`);
      if (option.choices && !option.choices.includes(value!)) {
        throw new Failure("usage", `--${option.name} is ${option.choices.join(", ")}; got ${value} ${help}`);
      }
      values.set(option.name, value!);
    }
  }
  return { command: command.name, positionals, switches, values, lists };
}

function describeFault(message: string, argv: readonly string[]): string {
  const hint = argv[0] === "run" ? "; what is meant for the program goes after --" : "";
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1];
  if (unknown !== undefined) {
    const spelled = argv.find((arg) => arg.replace(/^-+/, "").split("=")[0] === unknown) ?? unknown;
    if (!spelled.startsWith("-")) return `unknown command or argument ${spelled}`;
    return `unknown option ${spelled.split("=")[0]}${hint}`;
  }
  const missing = /^Not enough arguments following: (.+)/.exec(message)?.[1];
  if (missing !== undefined) return `${missing.length > 1 ? "--" : "-"}${missing} needs a value${hint}`;
  if (/^Not enough non-option arguments/.test(message))
    return argv[0] === "compile" ? "no input given" : "no file given";
  const meant = /^Did you mean (.+)\?/.exec(message)?.[1];
  if (meant !== undefined) return `unknown command ${argv[0]}; did you mean ${meant}?`;
  return message;
}
