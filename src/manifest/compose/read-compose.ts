/** The services of a compose file that a bottle can have, and line by line what of it is not taken. */
import * as v from "valibot";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { asObject } from "../fields.ts";
import type { Fields } from "../fields.ts";
import type { ServiceEntry } from "../manifest.ts";
import { readServices, servicesEntries } from "../services-schema.ts";
import { knownKeys, whyNotTaken } from "./compose-keys.ts";
import { fillDefaults, splitWords, toText, toTexts } from "./compose-values.ts";

/** As a manifest: written by hand */
const maxBytes = 1024 * 1024;
/** A file of anchors can unfold to more than any machine holds */
const maxAliasCount = 100;

export interface NotTaken {
  /** 1-based */
  readonly line: number;
  /** `db.ports` */
  readonly path: string;
  readonly reason: string;
}

export interface ComposeReading {
  readonly services: readonly ServiceEntry[];
  readonly notTaken: readonly NotTaken[];
}

type Path = readonly string[];

/** Throws for a file that is no compose file. `file` is as shown to people. */
export async function readCompose(text: string, file: string): Promise<ComposeReading> {
  const { LineCounter, isMap, isScalar, parseDocument } = await import("yaml");
  if (Buffer.byteLength(text) > maxBytes) throw unreadable(file, ["is larger than 1 MiB"]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, logLevel: "silent" });
  if (document.errors.length > 0)
    throw unreadable(
      file,
      document.errors.slice(0, 5).map(({ message }) => escapeForTerminal(message.split("\n")[0] ?? "")),
    );
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const above = document.getIn(["services", ...path.slice(0, length - 1)], true);
      const pair = isMap(above)
        ? above.items.find(({ key }) => isScalar(key) && key.value === path[length - 1])
        : undefined;
      if (isScalar(pair?.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
    }
    return 1;
  };
  const root = asObject(unfold(() => document.toJS({ maxAliasCount }), file));
  const raw = asObject(root["services"]);
  if (Object.keys(raw).length === 0) throw unreadable(file, ["has no services"]);
  return readAll(raw, { file, lineOf });
}

interface Place {
  readonly file: string;
  readonly lineOf: (path: Path) => number;
}

function readAll(raw: Fields, place: Place): ComposeReading {
  const notTaken: NotTaken[] = [];
  const skip = (path: Path, reason: string) =>
    void notTaken.push({ line: place.lineOf(path), path: path.join("."), reason });
  const read = Object.entries(raw).flatMap(([name, value]) => {
    const service = readOne(name, asObject(value), skip);
    if (!service) return [];
    const problem = findProblem(name, service);
    if (problem === undefined) return [[name, service] as const];
    skip([name], problem);
    return [];
  });
  const names = new Set(read.map(([name]) => name));
  const known = read.map(([name, { after, ...service }]) => {
    for (const one of after.filter((other) => !names.has(other)))
      skip([name, "depends_on"], `${one} is not taken`);
    return [name, { ...service, after: after.filter((other) => names.has(other)) }] as const;
  });
  const services = readServices(Object.fromEntries(known), (name) => ({
    // Somebody else's file, whoever names it
    scope: "project",
    file: place.file,
    line: place.lineOf([name]),
    column: 1,
  }));
  return { services, notTaken: notTaken.toSorted((a, b) => a.line - b.line) };
}

type Skip = (path: Path, reason: string) => void;

/** Undefined for one that cannot be run. */
function readOne(name: string, service: Fields, skip: Skip) {
  for (const key of Object.keys(service))
    if (!knownKeys.has(key) && !key.startsWith("x-")) skip([name, key], whyNotTaken(key));
  if (service["profiles"] !== undefined)
    return void skip([name], "has profiles, so compose does not start it by itself");
  const image = fillDefaults(toText(service["image"]) ?? "");
  if (!image) return void skip([name], "names no image");
  const env = readEnvironment(name, service["environment"], skip);
  const command = readWords(service["command"], splitWords);
  const ready = readCheck(asObject(service["healthcheck"]));
  if (command === null) skip([name, "command"], "is no list of literal words");
  if (ready === null) skip([name, "healthcheck"], "is no list of literal words");
  return {
    image,
    env,
    ...(command?.length && { command }),
    ...(ready && { ready }),
    writable: (toTexts(service["tmpfs"] ?? []) ?? [])
      .map((one) => one.replace(/:.*/, ""))
      .filter((folder) => !/^\/(?:tmp|run)(?:\/|$)/.test(folder)),
    after: Array.isArray(service["depends_on"])
      ? (toTexts(service["depends_on"]) ?? [])
      : Object.keys(asObject(service["depends_on"])),
  };
}

/** A list of `NAME=value`, or names with values. */
function readEnvironment(name: string, value: unknown, skip: Skip): Record<string, string> {
  const pairs: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((one) => {
        const [, key = "", text] = /^([^=]*)(?:=(.*))?$/s.exec(toText(one) ?? "") ?? [];
        return [key, text];
      })
    : Object.entries(asObject(value));
  return Object.fromEntries(
    pairs.flatMap(([key, one]) => {
      const text = toText(one);
      const filled = text === undefined ? undefined : fillDefaults(text);
      if (filled !== undefined) return [[key, filled]];
      skip([name, "environment", key], "is a value of your environment; only literal values are taken");
      return [];
    }),
  );
}

/** Undefined where there is nothing; null for what cannot be taken. */
function readWords(value: unknown, split: (line: string) => string[]): string[] | undefined | null {
  if (value === undefined || value === null) return undefined;
  const texts = typeof value === "string" ? [value] : toTexts(value);
  const filled = texts?.map(fillDefaults);
  if (!filled?.every((word) => word !== undefined)) return null;
  return typeof value === "string" ? split(filled[0] ?? "") : filled;
}

function readCheck({ test, disable }: Fields): string[] | undefined | null {
  if (disable === true) return ["true"];
  const words = readWords(test, (line) => ["CMD-SHELL", line]);
  if (!words) return words;
  const [kind, ...rest] = words;
  if (kind === "NONE") return ["true"];
  if (kind === "CMD") return rest;
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", rest.join(" ")] : null;
}

/** By the manifest's own rules. */
function findProblem(name: string, service: unknown): string | undefined {
  const result = v.safeParse(v.object(servicesEntries), { services: { [name]: service } });
  if (result.success) return undefined;
  const [issue] = result.issues;
  const path = (issue.path ?? []).slice(2).map(({ key }) => String(key));
  return [...path, issue.message].join(" ");
}

function unfold(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (error) {
    throw unreadable(file, [escapeForTerminal(error instanceof Error ? error.message : String(error))]);
  }
}

function unreadable(file: string, details: readonly string[]): BottleError {
  return new BottleError({
    code: "manifest",
    message: `Cannot use the compose file ${quote(file)}`,
    details,
    hint: 'Fix it, or name the services under "services" in the manifest.',
  });
}
