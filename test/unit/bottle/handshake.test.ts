import { expect, test } from "bun:test";
import { awaitMarker } from "../../../src/bottle/docker/handshake.ts";
import type { HijackedStream } from "../../../src/engine/hijack.ts";
import { failureOf } from "../../support/failure.ts";

async function* saying(text: string): AsyncGenerator<Uint8Array> {
  if (text !== "") yield Buffer.from(text);
}

test("an agent that ends before it is ready is told with what it said, or that it may have been stopped", async () => {
  const fail = (text: string) => failureOf(awaitMarker({} as HijackedStream, saying(text)));
  const spoken = await fail("sh: claude: not found\n");
  expect(spoken.details).toEqual(["sh: claude: not found"]);
  expect(spoken.hint).toStartWith("Rebuild the image");
  const silent = await fail("");
  expect(silent.message).toBe(spoken.message);
  expect(silent.hint).toStartWith("Start it again unless it was stopped meanwhile");
});
