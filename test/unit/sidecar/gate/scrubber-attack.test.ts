import { expect, test } from "bun:test";
import { Transform } from "node:stream";
import { makeLeakyStream, passThrough, scrubBody } from "../../../support/scrubbing.ts";
import type { ScrubbedBody } from "../../../support/scrubbing.ts";
import { recoverSecret } from "../../../support/scrubber-attack.ts";

// Needs: openssl

const secret = "tok/real+VALUE=9f8e";
const piece = 1024;

const attack = (known: string, scrub: (pieces: readonly Buffer[]) => Promise<ScrubbedBody>) =>
  recoverSecret(known, piece, async (body) => {
    const bytes = Buffer.from(body);
    const pieces = Array.from({ length: bytes.length / piece }, (_, at) =>
      bytes.subarray(at * piece, (at + 1) * piece),
    );
    return (await scrub(pieces)).sizes;
  });

test("an honest store's answers tell nothing of a secret, however much is known", async () => {
  for (const known of ["", secret.slice(0, 1), secret.slice(0, 10), secret.slice(0, -2)])
    expect(await attack(known, (pieces) => scrubBody(pieces, [secret], "placeholder"))).toBe(known);
});

test("the control: tell all of it where the end of a piece is held back if the secret begins so", async () => {
  const leaky = (pieces: readonly Buffer[]) =>
    passThrough(pieces, makeLeakyStream(secret, "placeholder", Transform));
  // Of the last character it is told by the placeholder
  expect(await attack("", leaky)).toBe(secret.slice(0, -1));
});
