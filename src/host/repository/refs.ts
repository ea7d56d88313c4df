/** The refs that go into a bottle: what a clone has, and what an operation in progress needs; never what was stashed or thrown away. */
import { runGit } from "../git.ts";
import type { Env } from "../git.ts";

export interface Ref {
  readonly name: string;
  readonly id: string;
  /** What an annotated tag names */
  readonly peeled: string | undefined;
  /** Name of the ref that this one stands for */
  readonly target: string | undefined;
}

const carried = [
  "refs/heads",
  "refs/tags",
  "refs/remotes",
  "refs/notes",
  "refs/replace",
  "refs/bisect",
  "refs/rewritten",
];

/** Undefined if git does not list them. A ref that leads nowhere is left out, as git itself does. */
export async function listRefs(folder: string, env: Env): Promise<Ref[] | undefined> {
  const format = "--format=%(objectname) %(*objectname) %(symref) %(refname)";
  const text = await runGit(folder, ["for-each-ref", format, ...carried], env);
  return text?.split("\n").flatMap((line) => {
    const [id = "", peeled, target, name] = line.split(" ");
    return name ? [{ name, id, peeled: peeled || undefined, target: target || undefined }] : [];
  });
}

/** The file `packed-refs` (gitrepository-layout(5)); symbolic refs are files of their own. */
export function renderPackedRefs(refs: readonly Ref[]): string {
  const lines = refs
    .filter((ref) => ref.target === undefined)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .map(({ name, id, peeled }) => `${id} ${name}\n${peeled === undefined ? "" : `^${peeled}\n`}`);
  return `# pack-refs with: peeled fully-peeled sorted \n${lines.join("")}`;
}
