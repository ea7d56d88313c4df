/**
 * What a tunnel begins with: a TLS hello, honest, odd or broken. It is judged the same however it is cut into packets and records, passes
 * only with the one name that was asked for, and nothing in it throws.
 */
import { checkFirstBytes } from "../../../src/sidecar/gate/first-bytes.ts";
import { Refusal } from "../../../src/sidecar/gate/refusal.ts";
import { makeClientHello } from "../../../test/support/client-hello.ts";
import type { HelloOptions } from "../../../test/support/client-hello.ts";
import type { Fuzzer } from "./fuzzer.ts";
import type { Picker } from "./picker.ts";

const host = "a.test";
const honest = ["a.test", "A.test", "a.test."];
const names = [
  ...honest,
  ...honest,
  "b.test",
  "",
  "a.test\0.b.test",
  "a.test ",
  "*.a.test",
  "x.a.test",
  "a.test..",
  "192.0.2.1",
  "a.tes\u00e9",
];
const hiding = [0xfe0d, 0xfe0a, 0xfe09, 0xfe08, 0xff02, 0xffce];
const others = [0x0a0a, 10, 11, 13, 16, 23, 35, 43, 45, 51, 0x4469, 0xff01, 41];

function makeOptions(picker: Picker): HelloOptions {
  const more = picker.list(
    0,
    4,
    () =>
      [picker.once(6) ? picker.pick(hiding) : picker.pick(others), picker.bytes(picker.below(40))] as const,
  );
  return {
    ...(picker.once(6)
      ? {}
      : { serverNames: picker.list(1, picker.once(5) ? 2 : 1, () => picker.pick(names)) }),
    repeats: picker.once(8) ? 2 : 1,
    padding: picker.once(3) ? picker.below(3_000) : 0,
    extensions: more,
    ...(picker.once(12) ? { rest: picker.bytes(1 + picker.below(5)) } : {}),
  };
}

/** What must come of it, by what it was made of */
function expected({ serverNames, repeats = 1, extensions = [], rest }: HelloOptions): boolean {
  const isHiding = extensions.some(([type]) => hiding.includes(type));
  const isOne = serverNames?.length === 1 && repeats === 1 && honest.includes(serverNames[0] ?? "");
  return isOne && !isHiding && rest === undefined;
}

function spoil(picker: Picker, bytes: Buffer): Buffer {
  const broken = Buffer.from(bytes);
  for (let count = 1 + picker.below(4); count > 0; count -= 1)
    broken[picker.below(broken.length)] = picker.pick([0, 1, 0xff, 22, 3, picker.below(256)]);
  return picker.once(4) ? broken.subarray(0, picker.below(broken.length)) : broken;
}

function judge(bytes: Buffer): string {
  const verdict = checkFirstBytes(bytes, { protocol: "tls", host });
  return verdict instanceof Refusal ? verdict.code : verdict;
}

/** The first verdict as pieces come, as a socket would have it */
function judgePieces(chunks: readonly Buffer[]): string {
  let seen: Buffer = Buffer.alloc(0);
  for (const chunk of chunks) {
    seen = Buffer.concat([seen, chunk]);
    const verdict = judge(seen);
    if (verdict !== "more") return verdict;
  }
  return "more";
}

export const fuzzer: Fuzzer = {
  try(picker) {
    const options = makeOptions(picker);
    const bytes = makeClientHello(options);
    const verdict = judge(bytes);
    const shown = JSON.stringify(options);
    if ((verdict === "fine") !== expected(options)) return `it is ${verdict}: ${shown}`;
    const split = makeClientHello({ ...options, recordBytes: 1 + picker.below(300) });
    if (judge(split) !== verdict)
      return `in other records it is ${judge(split)} and not ${verdict}: ${shown}`;
    if (judgePieces(picker.cut(bytes)) !== verdict) return `in pieces it is not ${verdict}: ${shown}`;
    const broken = spoil(picker, bytes);
    const whole = judge(broken);
    const pieces = judgePieces(picker.cut(broken));
    return whole === pieces
      ? undefined
      : `in pieces it is ${pieces} and not ${whole}: ${broken.toString("hex")}`;
  },
};
