import type { ByteStream, ProgramStream } from "../../../../src/core/byte-stream.ts";
import { expect, test } from "bun:test";
import { awaitMarker } from "../../../../src/bottle/agent/handshake.ts";
import { makeProgramStream } from "../../../../src/engine/program-stream.ts";
import { failureOf } from "../../../support/failure.ts";

/** A terminal's stream that says something and ends. */
function saying(text: string): ProgramStream {
  const output = (async function* () {
    if (text !== "") yield Buffer.from(text);
  })();
  return makeProgramStream({ output } as Partial<ByteStream> as ByteStream, true);
}

test("an agent that ends before it is ready is told with what it said, or that it may have been stopped", async () => {
  const fail = (text: string) => failureOf(awaitMarker(saying(text)));
  const spoken = await fail("sh: claude: not found\n");
  expect(spoken.details).toEqual(["sh: claude: not found"]);
  expect(spoken.hint).toStartWith("Rebuild the image");
  const silent = await fail("");
  expect(silent.message).toBe(spoken.message);
  expect(silent.hint).toStartWith("Start it again unless it was stopped meanwhile");
});
