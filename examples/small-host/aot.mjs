// The station as an .aot: read into the pool, and mapped from there, so that its pages of code are in the pool, too.
import { load } from "wamrc-ts/loader";
import { main } from "./host.mjs";

main((runtime) => {
  const file = std.open(scriptArgs[1], "rb");
  file.seek(0, std.SEEK_END);
  const bytes = runtime.malloc(file.tell(), "station.aot");
  file.seek(0, std.SEEK_SET);
  const { buffer, byteOffset, length } = bytes.bytes();
  file.read(buffer, byteOffset, length);
  file.close();
  const artifact = load(bytes.bytes(), { runtime, name: "station" });
  bytes.free();
  return { artifact, close: () => artifact.dispose() };
});
