/**
 * Looks at all that a push brings, with the rules of inspected hosts: each file as it is new, names, messages, people. All objects of the
 * pack, whether a commit leads to them or not, because the server gets them all.
 */
import type { Finding, Looker } from "../inspect/looker.ts";
import { Coverage } from "../inspect/own-secrets.ts";
import { StreamLook } from "../inspect/stream-look.ts";
import { openObjects } from "./pack-objects.ts";
import type { PackObject } from "./pack-objects.ts";
import type { PackLimits } from "./pack.ts";
import type { PushHead } from "./push-head.ts";
import { PushedObjects } from "./pushed-objects.ts";

/** A finding, and where it is; hostile when printed. */
export interface PushFinding extends Finding {
  /** `src/a.ts:12`, `message of commit 1a2b3c4`, `a file's name` */
  readonly where: string;
  /** Of the file that it is in; unset for what is in no file, or in too many */
  readonly path?: string;
}

export interface LookedPush {
  readonly found: readonly PushFinding[];
  readonly objects: PushedObjects;
}

/** Looked at in one go and as closely as it goes; longer ones as streams are */
const wholeBytes = 64 * 1024;
const sliceBytes = 64 * 1024;
/** Of one rule. Of more it is only said that there are more: none may hide behind others */
const mostOfRule = 100;
/** Of which the line is looked for one by one */
const mostLines = 2_000;

interface Seen {
  readonly one: Finding;
  /** Unset for one more than are kept */
  readonly kind: PackObject["kind"] | undefined;
  readonly id: string;
  readonly line: number | undefined;
}

/** True for what an earlier version of its file holds too. */
export function isKnown(looker: Looker, one: PushFinding, before: readonly Buffer[]): boolean {
  if (one.text !== "") return before.some((bytes) => bytes.includes(one.text, 0, "latin1"));
  return before.some((bytes) => lookAt(looker, bytes, new Coverage()).some(({ rule }) => rule === one.rule));
}

/** Rejects with a `GitProblem` for a pack that cannot be looked at. */
export async function lookAtPush(
  looker: Looker,
  pack: Buffer,
  { hash, commands }: Pick<PushHead, "hash" | "commands">,
  limits: PackLimits,
): Promise<LookedPush> {
  const objects = new PushedObjects(hash, limits);
  const coverage = new Coverage();
  const seen = new Map<string, Seen[]>();
  await openObjects(pack, hash, limits, ({ kind, id, bytes }) => {
    objects.note({ kind, id, bytes });
    const text = kind === "tree" ? Buffer.from(objects.names(bytes).join("\n"), "latin1") : bytes;
    for (const one of lookAt(looker, text, coverage)) {
      const others = seen.get(one.rule) ?? [];
      seen.set(one.rule, others);
      const line = kind === "blob" && others.length < mostOfRule ? findLine(looker, text, one) : undefined;
      if (others.length < mostOfRule) others.push({ one, kind, id, line });
      else if (others.length === mostOfRule) others.push({ one, kind: undefined, id, line });
    }
  });
  const refs = Buffer.from(commands.map(({ ref }) => ref).join("\n"));
  const inRefs = looker.look(refs, coverage).map((one) => ({ ...one, where: "a ref's name" }));
  const all = [...seen.values()].flat();
  const paths = objects.findPaths(new Set(all.flatMap(({ kind, id }) => (kind === "blob" ? [id] : []))));
  return { objects, found: [...inRefs, ...all.map((one) => locate(one, paths))] };
}

function lookAt(looker: Looker, bytes: Buffer, coverage: Coverage): Finding[] {
  if (bytes.length <= wholeBytes) return looker.look(bytes, coverage);
  const look = new StreamLook(looker, coverage);
  const found: Finding[] = [];
  for (let at = 0; at < bytes.length; at += sliceBytes)
    found.push(...look.push(bytes.subarray(at, at + sliceBytes)));
  return [...found, ...look.settle()];
}

/** Counted from 1; undefined for what stands in no line as it is. */
function findLine(looker: Looker, bytes: Buffer, { rule, text }: Finding): number | undefined {
  const at = text === "" ? -1 : bytes.indexOf(text, 0, "latin1");
  if (at >= 0) return countLines(bytes.subarray(0, at));
  if (bytes.length > wholeBytes) return undefined;
  const lines = bytes.toString("latin1").split("\n");
  if (lines.length > mostLines) return undefined;
  const index = lines.findIndex((line) =>
    looker.look(Buffer.from(line, "latin1"), new Coverage()).some((one) => one.rule === rule),
  );
  return index < 0 ? undefined : index + 1;
}

function countLines(bytes: Buffer): number {
  let count = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

function locate({ one, kind, id, line }: Seen, paths: ReadonlyMap<string, string>): PushFinding {
  const short = id.slice(0, 7);
  if (kind === undefined) return { ...one, where: "further places" };
  if (kind === "commit" || kind === "tag")
    return { ...one, where: `${kind} ${short}, its message or its people` };
  if (kind === "tree") return { ...one, where: `folder ${short}, a file's name` };
  const path = paths.get(id);
  const shown = path ?? `file ${short}`;
  return {
    ...one,
    where: line === undefined ? shown : `${shown}:${line}`,
    ...(path !== undefined && { path }),
  };
}
