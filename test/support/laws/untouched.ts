/** The user's side as it must stay: every file of it, but git's objects and the refs that are there to be added. */
import { must } from "./run.ts";
import { ownEnvironment } from "./place.ts";

/** Path → kind, mode, size, time and content. */
export type Fingerprint = ReadonlyMap<string, string>;

export async function takeFingerprint(folder: string): Promise<Fingerprint> {
  const skipped = [
    "-path",
    "*/objects",
    "-o",
    "-path",
    "*/refs/bottles",
    "-o",
    "-path",
    "*/logs/refs/bottles",
  ];
  const walk = ["find", ".", "(", ...skipped, ")", "-prune", "-o"];
  const [listed, summed] = await Promise.all([
    must(
      [...walk, "-type", "d", "-printf", "%p\\0%M\\0", "-o", "-printf", "%p\\0%M %s %T@ %l\\0"],
      folder,
      ownEnvironment,
    ),
    must([...walk, "-type", "f", "-exec", "sha1sum", "-z", "{}", "+"], folder, ownEnvironment),
  ]);
  const found = new Map<string, string>();
  const parts = listed.split("\0");
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [path = "", text = ""] = parts.slice(index, index + 2);
    // Git sets the time of one part of a split index whenever it reads it
    found.set(path, /\/sharedindex\.[^/]*$/.test(path) ? "shared" : text);
  }
  for (const line of summed.split("\0").filter(Boolean)) {
    const path = line.slice(42);
    found.set(path, `${found.get(path)} ${line.slice(0, 40)}`);
  }
  return found;
}

/** What is otherwise now. */
export function compareFingerprints(before: Fingerprint, after: Fingerprint): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.filter((path) => before.get(path) !== after.get(path));
}
