// The station as a JavaScript artifact: its code is the engine's, everything else is in the pool.
import * as artifact from "station"; // made by run.mjs
import { main } from "./host.mjs";

main(() => ({ artifact, close() {} }));
