/** A feature's own file: which options it has, what it puts into the environment, and after which others it comes. */
import { BottleError } from "../../core/error.ts";
import { countOf, quote } from "../../core/text.ts";
import { parseSource, renderPath, renderProblems } from "../source-tree.ts";
import type { Path, Problem } from "../source-tree.ts";
import { isEmptyValue } from "./devcontainer-keys.ts";
import { isPlainWords, nameOption } from "./feature-words.ts";

export interface FeatureFile {
  /** As others name it */
  readonly name: string;
  /** By what install.sh finds them under */
  readonly defaults: Readonly<Record<string, string>>;
  readonly containerEnv: Readonly<Record<string, string>>;
  /** Names of features that come first, as far as they are there */
  readonly after: readonly string[];
  /** Sentences on what is not taken; hostile when printed */
  readonly notes: readonly string[];
}

/** What would open a bottle, or would be missing without a word */
const refused: ReadonlyMap<string, string> = new Map([
  ["privileged", "would take the bottle's walls down"],
  ["capAdd", "would give the agent rights over the kernel, and a bottle has none"],
  ["securityOpt", "would weaken the bottle's walls"],
  ["mounts", "would bring folders of this machine into the bottle"],
  ["dependsOn", "names features that would be fetched; put them beside this one, and into devcontainer.json"],
]);
const ignored = ["entrypoint", "init", "onCreateCommand", "updateContentCommand", "postCreateCommand"].concat(
  ["postStartCommand", "postAttachCommand"],
);

/** Throws one `BottleError` with all problems and their places. */
export function parseFeature(text: string, shownPath: string): FeatureFile {
  const source = parseSource(text.replace(/^\ufeff/, ""));
  const problems: Problem[] = [...source.problems];
  const report = (path: Path, message: string) =>
    problems.push({ offset: source.keyOffsetOf(path), path: renderPath(path), message });
  const value = asRecord(source.value);
  if (!value) problems.push({ offset: 0, path: "", message: "must be an object" });
  const read = readFields(value ?? {}, report);
  if (problems.length === 0) return read;
  const details = renderProblems(source, shownPath, problems);
  throw new BottleError({
    code: "manifest",
    message: `Cannot use ${quote(shownPath)}: ${countOf(details.length, "problem")}`,
    details,
    hint: "Fix these places, or remove the feature from devcontainer.json.",
  });
}

function readFields(
  value: Readonly<Record<string, unknown>>,
  report: (path: Path, message: string) => void,
): FeatureFile {
  for (const [key, reason] of refused) if (!isEmptyValue(value[key])) report([key], reason);
  const after = value["installsAfter"] ?? [];
  const isList = Array.isArray(after) && after.every((one) => typeof one === "string");
  if (!isList) report(["installsAfter"], "must be a list of texts");
  return {
    name: typeof value["id"] === "string" ? value["id"] : "",
    defaults: readDefaults(value["options"], report),
    containerEnv: readVariables(value["containerEnv"], report),
    after: isList ? (after as string[]) : [],
    notes: ignored.filter((key) => !isEmptyValue(value[key])).map((key) => `${key} does not run`),
  };
}

function readDefaults(options: unknown, report: (path: Path, message: string) => void) {
  const found: Record<string, string> = {};
  for (const [name, option] of Object.entries(asRecord(options) ?? {})) {
    const value = asRecord(option)?.["default"];
    if (value === undefined) continue;
    if (!["string", "boolean", "number"].includes(typeof value) || !isPlainWords(String(value)))
      report(["options", name], "has a default that is no text of one line, number or boolean");
    else found[nameOption(name)] = String(value);
  }
  return found;
}

function readVariables(variables: unknown, report: (path: Path, message: string) => void) {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(asRecord(variables) ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      report(["containerEnv", name], "is not a name for a variable");
    else if (typeof value !== "string" || !isPlainWords(value))
      report(["containerEnv", name], "must be a text of one line");
    else found[name] = value;
  }
  return found;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
