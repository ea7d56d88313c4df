/**
 * Run by Node for `scripts/bench inspect`: what the gate's looking costs, in seconds of CPU for 100 MB of each kind, as one JSON line for each
 * round. The first argument is the number of rounds.
 */
import { randomBytes } from "node:crypto";
import { Looker } from "../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../src/sidecar/gate/inspect/own-secrets.ts";
import { StreamLook } from "../../src/sidecar/gate/inspect/stream-look.ts";
import { everyday } from "../../test/support/inspect/corpora.ts";
import { makeUp } from "../../test/support/inspect/made-up.ts";

const total = 100_000_000;
/** As TLS hands them over */
const chunkBytes = 16_384;
const blockBytes = 4_000_000;

const m = makeUp(5);
const sources = everyday.filter((one) => /^(?:model|file): /.test(one.name)).map((one) => one.body);
const repeat = (text: string | Buffer, bytes: number): Buffer => {
  const once = Buffer.from(text as string);
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / once.length) }, () => once)).subarray(0, bytes);
};
const text = Buffer.concat(Array.from({ length: 40 }, () => Buffer.from(`${m.words(20)}.\n`)));
/** A small part of it is enough for what is slow */
const kinds: Readonly<Record<string, { readonly block: Buffer; readonly bytes: number }>> = {
  text: { block: repeat(text, blockBytes), bytes: total },
  base64: { block: Buffer.from(randomBytes(3_000_000).toString("base64")), bytes: total },
  random: { block: randomBytes(blockBytes), bytes: total },
  "source in JSON": {
    block: Buffer.from(JSON.stringify(repeat(Buffer.concat(sources), blockBytes).toString("latin1"))),
    bytes: total / 4,
  },
  "hostile, beginnings of tokens": {
    block: repeat("ghp_ AKIA sk-ant-api03- xoxb- SG. -----BEGIN PRIVATE KEY-----\n", 400_000),
    bytes: 2_000_000,
  },
  "hostile, escapes": { block: repeat("\\u0067%68&#112;_%25%36%37", 400_000), bytes: 2_000_000 },
  "hostile, tokens that are none": {
    block: repeat(`gh${"p_"}${"x1".repeat(18)} http://a:b@c `, 400_000),
    bytes: 2_000_000,
  },
  "hostile, settings": {
    block: repeat('{"kty":1}"kty"LTAIabcdefgh12345678 password= PrivateKey= rzp_live_', 400_000),
    bytes: 2_000_000,
  },
  "hostile, short runs near tokens": {
    block: repeat(`ghp_ ${"eJwrSS0uAQAEXQHB ".repeat(20)}\x1f\x8b\x08 =41=42 0x1f, 0x8b, 1,2,3 `, 400_000),
    bytes: 2_000_000,
  },
};

const makeLooker = (secrets: number) =>
  new Looker(
    Array.from({ length: secrets }, (_, index) => ({
      rule: `env:${index}`,
      value: m.alnum(40),
      isInBottle: true,
      isSure: true,
    })),
  );
const lookers = [5, 50].map((secrets) => ({ secrets, looker: makeLooker(secrets) }));

/** Seconds of CPU for 100 MB. */
function measure(looker: Looker, block: Buffer, bytes: number): number {
  const look = new StreamLook(looker, new Coverage());
  const before = process.cpuUsage();
  for (let done = 0; done < bytes; done += chunkBytes) {
    const at = done % (block.length - chunkBytes);
    look.push(block.subarray(at, at + chunkBytes));
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6) * (total / bytes);
}

for (let round = 0; round <= Number(process.argv[2]); round += 1) {
  for (const { secrets, looker } of lookers)
    for (const [kind, { block, bytes }] of Object.entries(kinds)) {
      const seconds = measure(looker, block, round === 0 ? bytes / 4 : bytes);
      // The first round only warms up
      if (round > 0) console.log(JSON.stringify([`${kind}; ${secrets} secrets`, seconds]));
    }
}
