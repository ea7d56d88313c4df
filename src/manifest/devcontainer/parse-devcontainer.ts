/** A devcontainer.json as what a bottle takes of it. What is refused is an error with its place; what is ignored is said in a sentence. */
import { BottleError } from "../../core/error.ts";
import { countOf, quote, suggest } from "../../core/text.ts";
import { findReservation } from "../reserved-env.ts";
import { findSchemaProblems } from "../schema-issues.ts";
import { parseSource, renderPath, renderProblems } from "../source-tree.ts";
import type { Path, Problem, SourceTree } from "../source-tree.ts";
import type { Devcontainer, DevcontainerBuild, DevcontainerEnv } from "./devcontainer.ts";
import { ignoredKeys, isEmptyValue, refusedKeys, silentKeys } from "./devcontainer-keys.ts";
import { commandKeys, envKeys, takenSchema } from "./devcontainer-schema.ts";
import type { Taken } from "./devcontainer-schema.ts";
import { readFeatures } from "./features.ts";
import { readCommands } from "./read-commands.ts";
import { fillVariables } from "./variables.ts";

const takenKeys = Object.keys(takenSchema.entries);
const maxCommandLength = 8_000;

interface Reading {
  readonly source: SourceTree;
  readonly problems: Problem[];
}

/** Throws one `BottleError` whose details are all problems as `file:line:column  key problem`, in the order of their places. */
export function parseDevcontainer(text: string, shownPath: string): Devcontainer {
  const source = parseSource(text.replace(/^\ufeff/, ""));
  const reading: Reading = { source, problems: [...source.problems] };
  const found = source.value === undefined ? undefined : readFile(reading);
  if (found && reading.problems.length === 0) return found;
  const details = renderProblems(source, shownPath, reading.problems);
  throw new BottleError({
    code: "manifest",
    message: `Cannot use ${quote(shownPath)}: ${countOf(details.length, "problem")}`,
    details,
    hint: 'Fix these places, or name a Dockerfile of its own under "image" in the manifest.',
  });
}

function readFile(reading: Reading): Devcontainer | undefined {
  const { source, problems } = reading;
  const { value } = source;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push({ offset: 0, path: "", message: "must be an object" });
    return undefined;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== null);
  const notes = entries.flatMap(([key, one]) => judgeKey(key, one, reading));
  const taken = Object.fromEntries(entries.filter(([key]) => takenKeys.includes(key)));
  const wrong = findSchemaProblems({ ...source, value: taken }, takenSchema);
  problems.push(...wrong);
  return wrong.length > 0 ? undefined : readTaken(taken as Taken, notes, reading);
}

/** A note on a key that is ignored; a problem for one that is refused. */
function judgeKey(key: string, value: unknown, { source, problems }: Reading): string[] {
  if (takenKeys.includes(key) || silentKeys.has(key)) return [];
  const refuse = (path: Path, message: string) =>
    problems.push({ offset: source.keyOffsetOf(path), path: renderPath(path), message });
  const reason = refusedKeys.get(key);
  if (reason !== undefined && !isEmptyValue(value)) refuse([key], reason);
  if (reason !== undefined) return [];
  const ignored = ignoredKeys.get(key);
  if (ignored !== undefined) return [`${key} ${ignored}`];
  const nearest = suggest(key, takenKeys);
  return [
    `${quote(key)} is not a known key${nearest ? `; did you mean ${quote(nearest)}?` : ", and is not used"}`,
  ];
}

function readTaken(taken: Taken, notes: readonly string[], reading: Reading): Devcontainer {
  const { source, problems } = reading;
  const { image, build } = taken;
  if ((image === undefined) === (build === undefined))
    problems.push({
      offset: build ? source.keyOffsetOf(["build"]) : 0,
      path: "",
      message:
        image === undefined ? 'has neither "image" nor "build"' : 'has both "image" and "build"; keep one',
    });
  const cache =
    build?.cacheFrom === undefined ? [] : ["build.cacheFrom is not used: the engine has its own cache"];
  return {
    image,
    build: build && readBuild(build, reading),
    features: readFeatures(taken.features, (path, message) => report(path, message, reading)),
    env: readEnv(taken, reading),
    commands: commandKeys.flatMap((key) => {
      const run = taken[key] === undefined ? [] : readCommands(taken[key]);
      const filled = run.map((one) => fill(one, [key], reading));
      return filled.length === 0 ? [] : [{ key, run: filled }];
    }),
    notes: [...notes, ...cache],
  };
}

function readBuild(build: NonNullable<Taken["build"]>, reading: Reading): DevcontainerBuild {
  const { dockerfile, context = ".", args = {}, target } = build;
  const filled = Object.entries(args).map(([name, value]) => {
    const path = ["build", "args", name];
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) report(path, "is not a name for an argument", reading);
    return [name, readText(value, path, reading)];
  });
  return { dockerfile, context, args: Object.fromEntries(filled) as Record<string, string>, target };
}

function readEnv(taken: Taken, reading: Reading): DevcontainerEnv[] {
  const entries = new Map<string, DevcontainerEnv>();
  for (const key of envKeys) {
    for (const [name, value] of Object.entries(taken[key] ?? {})) {
      // "null" takes a variable away again
      if (value === null) continue;
      const path = [key, name];
      const reason = findReservation(name);
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        report(path, "is not a name for a variable: letters, digits and '_' only", reading);
      else if (reason !== undefined) report(path, `is reserved: ${reason}`, reading);
      const position = reading.source.positionOf(reading.source.keyOffsetOf(path));
      entries.set(name, { name, value: readText(value, path, reading), ...position });
    }
  }
  return [...entries.values()];
}

function readText(value: unknown, path: Path, reading: Reading): string {
  if (typeof value === "string") return fill(value, path, reading);
  report(path, "must be a string", reading);
  return "";
}

function fill(text: string, path: Path, reading: Reading): string {
  const filled = fillVariables(text);
  const problem = text.includes("\0")
    ? "holds a NUL character"
    : text.length > maxCommandLength
      ? `has more than ${maxCommandLength} characters`
      : filled.ok
        ? undefined
        : filled.problem;
  if (problem !== undefined) report(path, problem, reading);
  return filled.ok ? filled.text : "";
}

function report(path: Path, message: string, { source, problems }: Reading): void {
  problems.push({ offset: source.keyOffsetOf(path), path: renderPath(path), message });
}
