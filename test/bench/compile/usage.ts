// Loaded into a compiling process with --import: at its end it reports what the whole process, its worker threads
// included, has used. A parent cannot ask the operating system for that about a child.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeSync(
      3,
      JSON.stringify({ seconds: performance.now() / 1000, maxRSS, cpu: (userCPUTime + systemCPUTime) / 1e6 }),
    );
  });
}
