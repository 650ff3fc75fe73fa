// Host functions as raw callables: what generated code calls when it calls an import that is a JavaScript function. An error
// thrown by the host is remembered in `S.hostError`, by which the wrapper of the outer call knows to let it pass untouched.
import type { FuncType } from "../wasm/types.js";
import { typeLetter } from "./func.js";
import { S, type RawCode } from "./store.js";
import { resultsToWasm, toBigInt, toJs, type Scalar } from "./value.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type HostFunction = (...args: any[]) => unknown;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Arg = any;

/** @internal */
export function hostCode(host: HostFunction, type: FuncType): RawCode {
  const params = type.params.map(typeLetter);
  const results = type.results.map(typeLetter);
  const finish = finisher(results);
  if (params.length <= 8 && /^[ifde]*$/.test(params.join(""))) return direct(host, params.length, finish);
  return function (...scalars) {
    try {
      const args: unknown[] = [];
      for (let i = 0, k = 0; i < params.length; i++, k++) {
        if (params[i] === "l") args.push(toBigInt(scalars[k] as number, scalars[++k] as number));
        else args.push(toJs(params[i]!, scalars[k], 0));
      }
      return finish(host(...args));
    } catch (error) {
      throw hostThrew(error);
    }
  };
}

function hostThrew(error: unknown): unknown {
  S.hostError = error;
  return error;
}

function finisher(results: readonly string[]): (result: Arg) => Scalar {
  switch (results.join("")) {
    case "":
      return () => undefined;
    case "i":
      return (result) => result | 0;
    case "d":
      return (result) => +result;
    default:
      return (result) => resultsToWasm(results, result);
  }
}

// FAST: scalars that are JavaScript values already, passed on one by one; no arguments array.
function direct(host: HostFunction, arity: number, finish: (result: unknown) => Scalar): RawCode {
  const adapters: RawCode[] = [
    function () {
      try {
        return finish(host());
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg) {
      try {
        return finish(host(a));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg) {
      try {
        return finish(host(a, b));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg, c: Arg) {
      try {
        return finish(host(a, b, c));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg) {
      try {
        return finish(host(a, b, c, d));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg) {
      try {
        return finish(host(a, b, c, d, e));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg) {
      try {
        return finish(host(a, b, c, d, e, f));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg) {
      try {
        return finish(host(a, b, c, d, e, f, g));
      } catch (error) {
        throw hostThrew(error);
      }
    },
    function (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg, h: Arg) {
      try {
        return finish(host(a, b, c, d, e, f, g, h));
      } catch (error) {
        throw hostThrew(error);
      }
    },
  ];
  return adapters[arity]!;
}
