// A snapshot of memory in the forms that the command line offers: text, JSON, and a page in a file.
import { reportText, type TextStyle } from "../../runtime/report/text.js";
import type { MemorySnapshot } from "../../runtime/report/snapshot.js";
import { writeOutput, type Output } from "./files.js";
import { paint, terminalWidth } from "./terminal.js";

const COLOURS: Readonly<Record<TextStyle, Parameters<typeof paint>[0]>> = {
  title: "bold",
  note: "dim",
  runtime: "magenta",
  module: "blue",
  instance: "yellow",
  "execution environment": "green",
  fault: "red",
};

/** Text and JSON go to `stream`; JSON on stderr in one line, so that it can be found behind what a program wrote. */
export async function showSnapshot(
  snapshot: MemorySnapshot,
  report: "text" | "json" | undefined,
  page: Output | undefined,
  stream: NodeJS.WriteStream,
): Promise<void> {
  if (report === "json") stream.write(`${JSON.stringify(snapshot, null, stream === process.stderr ? 0 : 2)}\n`);
  else {
    const style = (name: TextStyle, text: string): string => paint(COLOURS[name], text, stream);
    stream.write(reportText(snapshot, { width: terminalWidth(stream), paint: style }));
  }
  if (page !== undefined) {
    const { reportHtml } = await import("../../runtime/report/html.js");
    await writeOutput(page, [new TextEncoder().encode(reportHtml(snapshot))]);
  }
}
