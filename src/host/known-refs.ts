/**
 * Branches, tags and notes of a bottle whose commits the user's repository has already: a bundle does not carry them, since it holds nothing
 * that is known. They get their names below `refs/bottles/` here.
 */
import type { BroughtRef } from "../protocol/receipt.ts";
import { placeRefs } from "./bottle-refs.ts";
import { requireGit } from "./git.ts";
import type { Env } from "./git.ts";

const maxRefs = 4_000;

export interface KnownRefsRequest {
  /** Absolute folder of the user's repository */
  readonly repository: string;
  readonly session: string;
  /** As the collector sent it: JSON of `[name, id]` each; hostile */
  readonly list: string;
  readonly env: Env;
}

/** Makes those that are not there yet, and gives all. Throws a sentence for a list of another form. */
export async function nameKnownRefs(request: KnownRefsRequest): Promise<Omit<BroughtRef, "repository">[]> {
  const { repository, session, env } = request;
  const stem = `refs/bottles/${session}/`;
  const refs = parseList(request.list);
  const format = "--format=%(objectname) %(refname)";
  const ids = refs.map((ref) => ref.id);
  // Neither waits for the other: each is a program that starts
  const [listed, present] = await Promise.all([
    requireGit(repository, ["for-each-ref", format, stem], env),
    findPresent(repository, ids, env),
  ]);
  const lines = listed.split("\n").filter(Boolean);
  const existing = new Map(
    lines.map((line) => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]),
  );
  const wanted = placeRefs(
    session,
    refs.filter((ref) => present.has(ref.id)),
    [...existing.keys()],
  );
  const fresh = wanted.filter(({ target, id }) => existing.get(target) !== id);
  const input = fresh.map(({ target, id }) => `update ${target} ${id}\n`).join("");
  const words = ["-c", "core.logAllRefUpdates=false", "update-ref", "--stdin"];
  if (fresh.length > 0) await requireGit(repository, words, env, { input });
  return wanted.map(({ target, id, renamedFrom }) => ({
    ref: target,
    id,
    commits: 0,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  }));
}

async function findPresent(repository: string, ids: readonly string[], env: Env): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const input = ids.map((id) => `${id}\n`).join("");
  const answer = await requireGit(repository, ["cat-file", "--batch-check=%(objecttype)"], env, { input });
  const types = answer.split("\n");
  return new Set(ids.filter((_, at) => types[at] === "commit" || types[at] === "tag"));
}

function parseList(text: string): { readonly name: string; readonly id: string }[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || value.length > maxRefs)
    throw new Error("its list of branches has the wrong form");
  return value.map((entry: unknown) => {
    const [name, id] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof name !== "string" || typeof id !== "string" || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id))
      throw new Error("its list of branches has the wrong form");
    return { name, id };
  });
}
