import { expect, test } from "bun:test";
import { awaitMarker } from "../../../src/bottle/docker/handshake.ts";
import type { HijackedStream } from "../../../src/engine/hijack.ts";
import { failureOf } from "../../support/failure.ts";

/** A terminal's stream that says something and ends. */
function saying(text: string): HijackedStream {
  const output = (async function* () {
    if (text !== "") yield Buffer.from(text);
  })();
  return { output } as Partial<HijackedStream> as HijackedStream;
}

test("an agent that ends before it is ready is told with what it said, or that it may have been stopped", async () => {
  const fail = (text: string) => failureOf(awaitMarker(saying(text), true));
  const spoken = await fail("sh: claude: not found\n");
  expect(spoken.details).toEqual(["sh: claude: not found"]);
  expect(spoken.hint).toStartWith("Rebuild the image");
  const silent = await fail("");
  expect(silent.message).toBe(spoken.message);
  expect(silent.hint).toStartWith("Start it again unless it was stopped meanwhile");
});
