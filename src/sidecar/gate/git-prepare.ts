/** From a request to what of it goes on to the server: the body written anew, or a refusal. */
import type { IncomingMessage } from "node:http";
import type { Header } from "./bound-headers.ts";
import { Refusal } from "./refusal.ts";
import { readFetchRequest } from "./git/fetch-request.ts";
import type { GitCall } from "./git/git-call.ts";
import { judgeHead, judgePack } from "./git/judge-push.ts";
import type { PushJudge, RefusedPush } from "./git/judge-push.ts";
import { readLfsBatch } from "./git/lfs.ts";
import { packLimits } from "./git/pack.ts";
import { malformed, writePacket } from "./git/pkt-line.ts";
import { writePushHead } from "./git/push-head.ts";
import type { PushHead } from "./git/push-head.ts";
import type { RepoGrant } from "./git/push-rules.ts";
import { readBody, readPush } from "./git/read-body.ts";

const mebibyte = 1024 * 1024;
const maxFetchBytes = 4 * mebibyte;
const maxLfsBytes = mebibyte;

/** A push that is refused, with the words for it in git's own protocol. */
export class RefusedByRules extends Error {
  readonly head: PushHead;
  readonly refused: RefusedPush;

  constructor(head: PushHead, refused: RefusedPush) {
    super(refused.reason);
    this.head = head;
    this.refused = refused;
  }
}

/** The body of what goes on, in pieces; undefined for none. Rejects with a `Refusal` or a `RefusedByRules`. */
export async function prepareBody(
  call: GitCall,
  grant: RepoGrant,
  incoming: IncomingMessage,
  judge: PushJudge,
): Promise<readonly Buffer[] | undefined> {
  const coding = valueOf(incoming, "content-encoding");
  if (call.kind === "fetch") {
    requireType(incoming, "application/x-git-upload-pack-request");
    return [readFetchRequest(await readBody(incoming, maxFetchBytes), coding)];
  }
  if (call.kind === "lfs-locks")
    throw new Refusal("git-rule", "locks of large files (LFS) cannot be asked for here", 404);
  if (coding !== "" && coding !== "identity") throw malformed("its body is compressed");
  if (call.kind === "lfs-batch") return [readLfsBatch(await readBody(incoming, maxLfsBytes))];
  if (call.kind === "push") return preparePush(grant, incoming, judge);
  if ((await readBody(incoming, 0)).length > 0) throw malformed("it has a body");
  return undefined;
}

async function preparePush(grant: RepoGrant, incoming: IncomingMessage, judge: PushJudge): Promise<Buffer[]> {
  requireType(incoming, "application/x-git-receive-pack-request");
  const { packBytes } = judge.limits ?? packLimits;
  const push = await readPush(incoming, packBytes, (head) => judgeHead(grant, head) !== undefined);
  if (!push) return [writePacket("flush")];
  const { head, bytes } = push;
  const byHead = judgeHead(grant, head);
  if (byHead) throw new RefusedByRules(head, byHead);
  if (!bytes) throw new RefusedByRules(head, tooMany(grant, head, packBytes));
  const pack = bytes.subarray(head.end);
  const byPack = await judgePack(grant, head, pack, judge);
  if (byPack) throw new RefusedByRules(head, byPack);
  return [writePushHead(head), pack];
}

function tooMany({ repo }: RepoGrant, { commands }: PushHead, most: number): RefusedPush {
  const reason = `it has more than ${most / mebibyte} MiB, which is too large to be looked at`;
  return {
    refs: commands.map(({ ref }) => ({ ref, reason })),
    lines: [`claude-bottle refused this push to ${repo}:`, `${reason}. Push its commits in several steps.`],
    reason: `push to ${repo}: ${reason}`,
  };
}

function requireType(incoming: IncomingMessage, type: string): void {
  if (valueOf(incoming, "content-type") !== type) throw malformed(`its Content-Type is not ${type}`);
}

function valueOf(incoming: IncomingMessage, name: string): string {
  return (incoming.headersDistinct[name] ?? []).join(", ");
}

const passed: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "cache-control",
  "content-type",
  "git-protocol",
  "host",
  "pragma",
  "private-token",
  "user-agent",
]);

/** The headers that a git server has a use for, with the length of another body. Throws a `Refusal`. */
export function prepareHeaders(headers: readonly Header[], body: readonly Buffer[] | undefined): Header[] {
  const kept = headers.filter(([name]) => passed.has(name.toLowerCase()));
  const versions = kept.filter(([name]) => name.toLowerCase() === "git-protocol");
  if (versions.some(([, value]) => !/^version=[012]$/.test(value)) || versions.length > 1)
    throw malformed("it speaks no version of git's protocol that is known");
  if (!body) return kept;
  const length = body.reduce((sum, piece) => sum + piece.length, 0);
  return [...kept, ["Content-Length", String(length)]];
}
