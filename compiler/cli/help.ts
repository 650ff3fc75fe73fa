// Help pages, written from the table in options.ts to fit the terminal: at 80 columns options stand beside their
// descriptions, on a narrow one above them.
import { EXIT } from "./exit-codes.js";
import { COMMANDS, type Command, type Option } from "./options.js";
import { paint, terminalWidth } from "./terminal.js";

type Row = readonly [left: string, right: string];

export function overview(version: string): string {
  const width = terminalWidth();
  return page([
    wrap(`wamrc-ts ${version}: runs WebAssembly where there is no WebAssembly.`, width),
    section("Usage", [["wamrc-ts <command> [options]", ""]], width),
    section(
      "Commands",
      COMMANDS.map((command) => [command.name, command.describe]),
      width,
    ),
    section(
      "Options",
      [
        ["-h, --help", "this page, or that of a command: wamrc-ts run --help"],
        ["--version", "print the version"],
      ],
      width,
    ),
    examples([COMMANDS[0]!.examples[0]!, COMMANDS[1]!.examples[0]!, COMMANDS[1]!.examples[2]!], width),
    exitCodes(width),
  ]);
}

export function commandHelp(command: Command): string {
  const width = terminalWidth();
  return page([
    wrap(`${command.describe}.`, width),
    section("Usage", [[`wamrc-ts ${command.name} [options] ${command.positionals}`, ""]], width),
    ...(command.notes ? [wrap(command.notes, width)] : []),
    section("Options", [...command.options.map(optionRow), ["-h, --help", "this page"]], width),
    examples(command.examples, width),
    exitCodes(width),
  ]);
}

function optionRow(option: Option): Row {
  const short = option.alias?.find((alias) => alias.length === 1);
  const value = option.value === undefined ? "" : ` ${option.value}`;
  const repeated = option.multiple ? " (may be repeated)" : "";
  return [`${short ? `-${short}, ` : ""}--${option.name}${value}`, `${option.describe}${repeated}`];
}

function exitCodes(width: number): string {
  return section(
    "Exit codes",
    Object.values(EXIT).map(([code, what]) => [String(code), what]),
    width,
  );
}

function section(title: string, rows: readonly Row[], width: number): string {
  const column = Math.min(26, Math.max(...rows.map(([left]) => left.length + 4)));
  const lines = rows.flatMap(([left, right]) => {
    if (column + 24 > width || left.length + 4 > column)
      return [`  ${left}`, ...wrapIndented(right, width, Math.min(column, 6))];
    const text = wrapIndented(right, width, column);
    return [`  ${left}`.padEnd(column) + (text[0] ?? "").slice(column), ...text.slice(1)];
  });
  return [paint("bold", title), ...lines.map((line) => line.trimEnd())].join("\n");
}

/** Commands stand on lines of their own, unbroken, to be copied. */
function examples(rows: readonly Row[], width: number): string {
  const lines = rows.flatMap(([line, what]) => [...wrapIndented(`${what}:`, width, 2), `    ${line}`]);
  return [paint("bold", "Examples"), ...lines].join("\n");
}

function wrapIndented(text: string, width: number, indent: number): string[] {
  if (text === "") return [];
  return wrap(text, width - indent)
    .split("\n")
    .map((line) => " ".repeat(indent) + line);
}

/** Greedy lines of at most `width` columns; a word that is longer stands alone. */
function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line += (line === "" ? "" : " ") + word;
    }
  }
  return [...lines, line].join("\n");
}

function page(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}
