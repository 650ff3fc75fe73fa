#!/usr/bin/env node
// The program `wamrc-ts`; see cli/main.ts.
import { main } from "./cli/main.js";

// A reader that has seen enough (`wamrc-ts inspect x | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await main(process.argv.slice(2));
