import { expect, test } from "bun:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { mayBeDeflate } from "../../../../../src/sidecar/gate/inspect/nested.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";

const m = makeUp(17);

function canInflate(bytes: Buffer): boolean {
  try {
    inflateRawSync(bytes, { finishFlush: 2 });
    return true;
  } catch {
    return false;
  }
}

test("nothing is passed over that can be inflated", () => {
  let passedOver = 0;
  for (let first = 0; first < 256; first += 1)
    for (let round = 0; round < 64; round += 1) {
      const bytes = Buffer.concat([Buffer.from([first]), m.bytes(40)]);
      if (mayBeDeflate(bytes)) continue;
      passedOver += 1;
      expect(canInflate(bytes)).toBe(false);
    }
  // The control: most of what is not compressed is not tried
  expect(passedOver).toBeGreaterThan(7_000);
});

test.each([0, 1, 6, 9])("what level %i of deflate has written is tried", (level) => {
  for (let length = 30; length < 4_000; length += 97)
    for (const text of [m.bytes(length), Buffer.from(m.words(length).slice(0, length))])
      expect(mayBeDeflate(deflateRawSync(text, { level }))).toBe(true);
});
