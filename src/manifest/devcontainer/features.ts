/** The features of a devcontainer.json: folders beside it whose install.sh runs in the build. What would be fetched is refused. */
import { isPlainWords } from "./feature-words.ts";
import type { DevcontainerFeature } from "./devcontainer.ts";

type Report = (path: readonly string[], message: string) => void;

const registry =
  'is published in a registry, and features are taken from folders only: put its folder beside devcontainer.json and write "./NAME", or install what it brings with "packages" of the manifest or in a Dockerfile';
const archive =
  'is an archive that would be fetched, and features are taken from folders only: unpack it beside devcontainer.json and write "./NAME"';
const outside = "must be a folder below that of devcontainer.json, as ./NAME with letters, digits and ._-";

/** In the order of the file. */
export function readFeatures(value: unknown, report: Report): DevcontainerFeature[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value)) {
    report(["features"], "must be an object of features and their options");
    return [];
  }
  return Object.entries(value).flatMap(([id, given]) => {
    const problem = findIdProblem(id);
    if (problem !== undefined) {
      report(["features", id], problem);
      return [];
    }
    const options = readOptions(given);
    if (!options) report(["features", id], "has options that are no texts of one line, numbers or booleans");
    return options ? [{ id, options }] : [];
  });
}

function findIdProblem(id: string): string | undefined {
  if (/^https?:/i.test(id)) return archive;
  if (!/^\.{0,2}\//.test(id)) return registry;
  return /^\.(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,4}$/.test(id) ? undefined : outside;
}

/** A text alone is the version. Undefined for what no option can be. */
function readOptions(given: unknown): Readonly<Record<string, string>> | undefined {
  if (given === true || given === null) return {};
  if (typeof given === "string") return isPlainWords(given) ? { version: given } : undefined;
  if (typeof given !== "object" || Array.isArray(given)) return undefined;
  const entries = Object.entries(given).map(([name, value]) => [name, String(value)] as const);
  const isFine = Object.entries(given).every(
    ([, value]) => ["string", "number", "boolean"].includes(typeof value) && isPlainWords(String(value)),
  );
  return isFine ? Object.fromEntries(entries) : undefined;
}
