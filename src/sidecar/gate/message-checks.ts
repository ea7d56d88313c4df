/** What each field of a message is checked with: the checks give what they were given, or throw a `GateFailure` that names the field. */
import { isIpv4, parseHostPattern } from "../../core/host-name.ts";
import { GateFailure } from "./failure.ts";

/** Gives what it was given, or throws */
export type Check<T> = (value: unknown, path: string) => T;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const oneOf =
  <T extends string>(...words: readonly T[]): Check<T> =>
  (value, path) => {
    const found = words.find((one) => one === value);
    if (found === undefined) throw new GateFailure(`${path} is not one of: ${words.join(", ")}`);
    return found;
  };

export const matching =
  (pattern: RegExp): Check<string> =>
  (value, path) => {
    if (typeof value !== "string" || !pattern.test(value))
      throw new GateFailure(`${path} is not of the right form`);
    return value;
  };

export const isBoolean: Check<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new GateFailure(`${path} is not true or false`);
  return value;
};

export const wholeNumber =
  (least: number, most: number, what: string): Check<number> =>
  (value, path) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      throw new GateFailure(`${path} is not ${what}`);
    return value;
  };

export const portFrom = (least: number) => wholeNumber(least, 65_535, "a port");

export const hostPattern: Check<string> = (value, path) => {
  const parsed = parseHostPattern(String(value));
  if (!parsed.ok || parsed.host !== value) throw new GateFailure(`${path} is not a canonical host name`);
  return parsed.host;
};

export const hostName: Check<string> = (value, path) => {
  const host = hostPattern(value, path);
  if (host.startsWith("*")) throw new GateFailure(`${path} is a pattern`);
  return host;
};

/** All addresses at once would be heard on the way out too */
export const ownAddress: Check<string> = (value, path) => {
  if (typeof value !== "string" || !isIpv4(value) || value.startsWith("0."))
    throw new GateFailure(`${path} is not an IPv4 address of its own`);
  return value;
};

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : check(value, path);

export const list =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw new GateFailure(`${path} is not a list`);
    return value.map((item, index) => check(item, `${path}[${index}]`));
  };

export const record =
  <T>(fields: { readonly [K in keyof Required<T>]: Check<T[K]> }): Check<T> =>
  (value, path) => {
    if (!isObject(value)) throw new GateFailure(`${path} is not an object`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) throw new GateFailure(`${path} has an unknown field`);
    }
    for (const [name, check] of Object.entries<Check<unknown>>(fields)) check(value[name], `${path}.${name}`);
    // Each of its fields was just found to be what the type says
    return value as T;
  };
