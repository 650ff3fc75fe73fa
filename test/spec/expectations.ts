// Commands that are known to fail, each with its reason. A listed command that fails counts as skipped with that
// reason; a listed command that does not fail fails the run, so that the list can only shrink to the truth.
// V8 and QuickJS keep every bit: nothing is listed for them.
import type { JsEngine } from "../support/js-engine.js";

// JavaScriptCore, SpiderMonkey and Hermes have one NaN: a number that becomes a NaN loses payload and sign, whether it is
// read from a typed array or passed on. What is only moved through memory as an integer keeps its bits everywhere; what
// these assertions pass as an argument, return, or hand to copysign does not.
const HAVE_ONE_NAN: readonly JsEngine[] = ["jsc", "spidermonkey", "hermes"];
const ONE_NAN = "this engine has one NaN, without sign and payload";

// Lines of each file, separated by spaces.
const ONE_NAN_LINES: Readonly<Record<string, string>> = {
  "core/address": "542 592",
  "core/conversions": "621 627 628 629 633 640 641 642 647 656 657 658 663 672 673 674",
  "core/f32_bitwise":
    "42 44 78 80 114 116 150 152 186 188 222 224 258 260 294 296 298 300 302 304 306 308 310 312 314 316 318 320 322 324 326 328 330 332 369",
  "core/f64_bitwise":
    "42 44 78 80 114 116 150 152 186 188 222 224 258 260 294 296 298 300 302 304 306 308 310 312 314 316 318 320 322 324 326 328 330 332 369",
  "core/float_exprs":
    "1074 1075 1078 1079 1082 1086 1090 1091 1094 1095 1098 1102 1153 1154 1157 1158 1161 1165 1169 1170 1173 1174 1177 1181 2389 2390 2391 2392 2399 2400 2401 2402",
  "core/float_literals": "123 125 126 127 128 129 163 165 166 167 168 169",
  "core/float_memory": "16 21 22 28 41 46 47 53 68 73 74 80 93 98 99 105 120 125 126 132 145 150 151 157",
  "core/float_misc": "636 637 638 639 641 642 643 644 646 647 648 649 650 651 652 653",
  "core/local_tee": "338",
  "core/select": "230 236 239 245 262 268 271 277",
  "multi-memory/float_memory0": "21 26 27 33 47 52 53 59",
};

/** Lines of a script that are expected to fail, with the reason. */
export function expectationsFor(file: string, engine: JsEngine): Map<number, string> {
  const lines = HAVE_ONE_NAN.includes(engine) ? ONE_NAN_LINES[file] : undefined;
  return new Map((lines?.split(" ") ?? []).map((line) => [Number(line), ONE_NAN]));
}
