import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { HeldBody } from "../../../../../src/sidecar/gate/inspect/held-body.ts";
import type { Finding } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { Looker } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import { makeUp, put } from "../../../../support/inspect/made-up.ts";

setDefaultTimeout(60_000);

const m = makeUp(8);
const token = put("gl", "pat-", m.base64url(15));
const looker = new Looker([]);

class Blocked extends Error {}

function make(codings: readonly string[] = [], lookAtWhole?: (body: Buffer) => Finding[]) {
  const told: string[] = [];
  const body = new HeldBody({
    looker,
    coverage: new Coverage(),
    codings,
    ...(lookAtWhole && { lookAtWhole }),
    judge(found) {
      told.push(...found.map((one) => one.rule));
      if (found.some((one) => !one.isTold)) throw new Blocked();
    },
  });
  const came: Buffer[] = [];
  body.on("data", (chunk: Buffer) => came.push(chunk));
  const ended = once(body, "close").then(
    () => undefined,
    (error: unknown) => error,
  );
  return { body, told, ended, came: () => Buffer.concat(came) };
}

describe("a body that is looked at", () => {
  test("comes out as it went in", async () => {
    const bytes = Buffer.concat([m.bytes(100_000), Buffer.from(m.words(9_000))]);
    const { body, came, ended } = make();
    for (let at = 0; at < bytes.length; at += 9_001) body.write(bytes.subarray(at, at + 9_001));
    body.end();
    expect(await ended).toBeUndefined();
    expect(came().equals(bytes)).toBe(true);
  });

  test("ends at a secret, whose last bytes have not gone", async () => {
    const { body, came, ended, told } = make();
    body.write(Buffer.from(m.words(5_000)));
    body.write(`and ${token.slice(0, 10)}`);
    body.end(`${token.slice(10)} more`);
    expect(await ended).toBeInstanceOf(Blocked);
    expect(told).toEqual(["gitlab-token"]);
    expect(came().toString()).not.toContain("glpat-");
  });

  test("holds back as much whatever it is", async () => {
    const lengths = [];
    for (const text of [
      m.words(6_000).slice(0, 20_000),
      token.slice(0, 10).repeat(2_000),
      "AKIA".repeat(5_000),
    ]) {
      const { body, came } = make();
      await new Promise<void>((resolve) => body.write(text, () => resolve()));
      lengths.push(came().length);
      body.destroy();
    }
    expect(new Set(lengths).size).toBe(1);
  });

  test("lets go of what it holds when nothing follows, and finds what is completed later", async () => {
    const { body, came, ended } = make();
    body.write(`hello ${token.slice(0, 12)}`);
    while (came().length === 0) await setTimeout(5);
    expect(came().toString()).toBe(`hello ${token.slice(0, 12)}`);
    body.write(`${token.slice(12)} `);
    expect(await ended).toBeInstanceOf(Blocked);
    expect(came().toString()).not.toContain(token.slice(12));
  });

  test.each([
    ["gzip", ["gzip"], gzipSync],
    ["brotli", ["br"], brotliCompressSync],
    ["gzip that does not say so", [], gzipSync],
  ] as const)("opens %s", async (_name, codings, compress) => {
    const bytes = compress(Buffer.from(`${m.words(4_000)} ${token} ${m.words(9)}`));
    const one = make(codings);
    for (let at = 0; at < bytes.length; at += 1_000) one.body.write(bytes.subarray(at, at + 1_000));
    one.body.end();
    expect(await one.ended).toBeInstanceOf(Blocked);
    // The control
    const clean = compress(Buffer.from(m.words(4_000)));
    const other = make(codings);
    other.body.end(clean);
    expect(await other.ended).toBeUndefined();
    expect(other.came().equals(clean)).toBe(true);
  });

  test("lets through what is not compressed as it says, and tells", async () => {
    const { body, ended, told } = make(["gzip"]);
    body.end(m.words(10));
    expect(await ended).toBeUndefined();
    expect(told).toEqual(["unreadable-body"]);
  });

  test("is looked at as a whole once all of it is there, and has not gone until then", async () => {
    const hidden = Buffer.from(`{"f":"${Buffer.from(`KEY=${token}`).toString("base64")}"}`);
    const one = make([], (body) => looker.look(body, new Coverage()));
    for (const byte of hidden) one.body.write(Buffer.from([byte]));
    one.body.end();
    expect(await one.ended).toBeInstanceOf(Blocked);
    expect(one.came()).toHaveLength(0);
    // The control: as it passes, nothing of it is found
    const other = make();
    other.body.end(hidden);
    expect(await other.ended).toBeUndefined();
    expect(other.came().equals(hidden)).toBe(true);
  });

  test.each([
    [64 * 1024, 1],
    [64 * 1024 + 1, 0],
  ])("of %d bytes is looked at as a whole %d times", async (size, times) => {
    const seen: number[] = [];
    const one = make([], (body) => (seen.push(body.length), []));
    one.body.end(Buffer.alloc(size, "a"));
    expect(await one.ended).toBeUndefined();
    expect(seen).toEqual(times === 0 ? [] : [size]);
  });

  test("tells once of what it has seen as it passed", async () => {
    const allowed: string[] = [];
    const body = new HeldBody({
      looker,
      coverage: new Coverage(),
      codings: [],
      judge: (found) => void allowed.push(...found.map((one) => one.rule)),
      lookAtWhole: (bytes) => looker.look(bytes, new Coverage()),
    });
    body.resume().end(`key: ${token} `);
    await once(body, "close");
    expect(allowed).toEqual(["gitlab-token"]);
  });

  test("does not open more than a body of its size can hold", async () => {
    const { body, ended, told } = make(["gzip"]);
    body.end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    expect(await ended).toBeInstanceOf(Blocked);
    expect(told).toEqual(["grows-too-much"]);
  });
});
