import { expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { openObjects } from "../../../../../src/sidecar/gate/git/pack-objects.ts";
import { packLimits } from "../../../../../src/sidecar/gate/git/pack.ts";
import { GitProblem } from "../../../../../src/sidecar/gate/git/problem.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";
import type { MadeUp } from "../../../../support/inspect/made-up.ts";
import { indexByGit } from "../../../../support/pushed-pack.ts";
import { aFolder } from "../../../../support/temporary.ts";

setDefaultTimeout(60_000);
const rounds = Number(process.env["CLAUDE_BOTTLE_FUZZ_ROUNDS"] ?? 60);

function entryHead(kind: number, size: number): Buffer {
  const bytes = [(kind << 4) | (size & 15)];
  for (let left = size >> 4; left > 0; left >>= 7) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(left & 0x7f);
  }
  return Buffer.from(bytes);
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...number(value >> 7)];
}

/** Mostly right, and sometimes not: what a program in a hurry would get wrong. */
function makeDelta(m: MadeUp, baseBytes: number): Buffer {
  const code: number[] = [];
  let size = 0;
  for (let count = m.number(6); count >= 0; count -= 1) {
    const kind = m.number(20);
    if (kind < 9) {
      const from = m.number(baseBytes);
      const length = m.number(12) === 0 ? 0 : m.number(Math.min(300, baseBytes - from)) + m.number(3);
      code.push(0x80 | 0x01 | 0x02 | 0x10 | 0x20, from & 255, from >> 8, length & 255, length >> 8);
      size += length === 0 ? 0x10000 : length;
    } else if (kind < 19) {
      const bytes = m.bytes(1 + m.number(100));
      code.push(bytes.length, ...bytes);
      size += bytes.length;
    } else code.push(m.number(256));
  }
  const said = m.number(10) === 0 ? size + m.number(3) - 1 : size;
  return Buffer.from([
    ...number(m.number(30) === 0 ? baseBytes + 1 : baseBytes),
    ...number(Math.max(0, said)),
    ...code,
  ]);
}

/** A blob, and one that is written as what differs from it: by its place, by its id, or by one that is not there. */
function makePack(m: MadeUp): Buffer {
  const base = m.bytes(50 + m.number(400));
  const delta = makeDelta(m, base.length);
  const first = Buffer.concat([entryHead(3, base.length), deflateSync(base)]);
  const id = createHash("sha1").update(`blob ${base.length}\0`).update(base).digest();
  const kind = m.number(12);
  if (kind === 0) id[0] = (id[0] ?? 0) ^ 1;
  const back = first.length + (kind === 1 ? 1 : 0);
  const by =
    kind < 6
      ? [0x70 | 0x80, id]
      : [0x60 | 0x80, back < 128 ? [back] : [(((back >> 7) - 1) & 0x7f) | 0x80, back & 0x7f]];
  const size = delta.length + (m.number(40) === 0 ? 1 : 0);
  const head = Buffer.concat([entryHead((Number(by[0]) >> 4) & 7, size), Buffer.from(by[1] as number[])]);
  const entries = [first, Buffer.concat([head, deflateSync(delta)])];
  const start = Buffer.from("PACK\0\0\0\x02\0\0\0\x02", "latin1");
  // What builds on the other may come first, if it names it by its id
  const body = Buffer.concat([start, ...(kind >= 2 && kind < 4 ? entries.toReversed() : entries)]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

async function idsOf(pack: Buffer): Promise<string[] | undefined> {
  const ids: string[] = [];
  try {
    await openObjects(pack, "sha1", packLimits, ({ id }) => void ids.push(id));
    return ids.toSorted();
  } catch (error) {
    if (error instanceof GitProblem) return undefined;
    throw error;
  }
}

test("takes the deltas that git takes, makes the same of them, and refuses all others", async () => {
  const folder = await aFolder();
  const m = makeUp(23);
  let taken = 0;
  for (let round = 0; round < rounds; round += 1) {
    const pack = makePack(m);
    const [ours, gits] = [await idsOf(pack), await indexByGit(folder, pack)];
    // Git takes a copy of nothing and an empty delta; nobody writes those
    if (ours === undefined && gits !== undefined) continue;
    expect(ours).toEqual(gits);
    taken += ours ? 1 : 0;
  }
  expect(taken).toBeGreaterThan(rounds / 4);
  expect(taken).toBeLessThan(rounds);
});
