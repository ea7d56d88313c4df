/** What is taken as a usable key is one that OpenSSH takes: a key that ssh-add refuses in the sidecar would end a start half way. */
import { describe, expect, test } from "bun:test";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readOpensshKey } from "../../../src/host/openssh-key.ts";
import { aFolder } from "../../support/temporary.ts";

const hasSsh = Bun.which("ssh-keygen") !== null;
const frame = (body: Buffer) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString("base64").replace(/.{70}/g, "$&\n").trimEnd()}\n-----END OPENSSH PRIVATE KEY-----\n`;

async function aKeyBody(...words: string[]): Promise<Buffer> {
  const path = join(await aFolder(), "id");
  await Bun.$`ssh-keygen -q -N "" -C comment -f ${path} ${words}`.quiet();
  const text = await Bun.file(path).text();
  return Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
}

/** Reads the private half, as ssh-add does. */
async function isTakenBySsh(text: string): Promise<boolean> {
  const path = join(await aFolder(), "id");
  await writeFile(path, text);
  await chmod(path, 0o600);
  return (await Bun.$`ssh-keygen -y -P "" -f ${path}`.quiet().nothrow()).exitCode === 0;
}

const isTaken = (body: Buffer) => readOpensshKey(frame(body)).kind === "usable";
const flipped = (body: Buffer, at: number, bit = 1) => {
  const copy = Buffer.from(body);
  copy[at] = (copy[at] ?? 0) ^ bit;
  return copy;
};

interface Parts {
  /** The last byte of how many keys there are */
  readonly count: number;
  /** Where the private half begins: twice a number, the type, its parts, the comment, and what fills it up */
  readonly private: number;
  readonly strings: readonly { readonly at: number; readonly length: number }[];
  readonly padding: number;
}

/** By a reading of its own: lengths and what they stand before. */
function partsOf(body: Buffer): Parts {
  let at = "openssh-key-v1\0".length;
  for (let one = 0; one < 3; one += 1) at += 4 + body.readUInt32BE(at);
  const count = at + 3;
  at += 8 + body.readUInt32BE(at + 4);
  const begin = at + 4;
  const strings = [];
  for (at = begin + 8; at + 4 <= body.length && body.readUInt32BE(at) < body.length;) {
    const length = body.readUInt32BE(at);
    strings.push({ at: at + 4, length });
    at += 4 + length;
  }
  return { count, private: begin, strings, padding: at };
}

describe.skipIf(!hasSsh)("a key without a passphrase", () => {
  test.each(["ed25519", "ecdsa", "rsa"])("of type %s", async (type) => {
    const body = await aKeyBody("-t", type, ...(type === "rsa" ? ["-b", "1024"] : []));
    const { count, private: begin, strings, padding } = partsOf(body);
    expect([isTaken(body), await isTakenBySsh(frame(body))]).toEqual([true, true]);
    // More of what fills it up does no harm
    const longer = lengthened(body, begin, 8);
    expect([isTaken(longer), await isTakenBySsh(frame(longer))]).toEqual([true, true]);
    const comment = strings.at(-1)!;
    const nul = Buffer.from(body);
    nul[comment.at + 2] = 0;
    const broken: Record<string, Buffer> = {
      "one of its two equal numbers": flipped(body, begin),
      "the other": flipped(body, begin + 7),
      "its type": flipped(body, strings[0]!.at + 3),
      "the length of a part": flipped(body, strings[1]!.at - 1),
      "the public half within": flipped(body, strings[1]!.at + 5),
      "a NUL in its comment": nul,
      "what fills it up": flipped(longer, padding),
      "the end of that": flipped(longer, longer.length - 1),
      ...(type !== "ed25519" && { "a negative number": flipped(body, strings.at(-2)!.at, 0x80) }),
      "a byte more": lengthened(body, begin, 1),
      "a byte behind it": Buffer.concat([body, Buffer.of(0)]),
      "the number of keys": flipped(body, count),
    };
    const verdicts: unknown[] = [];
    for (const [what, one] of Object.entries(broken))
      verdicts.push([what, isTaken(one), await isTakenBySsh(frame(one))]);
    expect(verdicts).toEqual(Object.keys(broken).map((what) => [what, false, false]));
  });
});

/** Filled up by so many bytes more, counted as what fills it up is. */
function lengthened(body: Buffer, begin: number, count: number): Buffer {
  const from = body.length - partsOf(body).padding;
  const longer = Buffer.concat([body, Buffer.from(Array.from({ length: count }, (_, at) => from + at + 1))]);
  longer.writeUInt32BE(longer.length - begin, begin - 4);
  return longer;
}
