import { expect, test } from "bun:test";
import { copyIn } from "../../../../src/cli/copy/copy-in.ts";
import type { CopyContext } from "../../../../src/cli/copy/copy-context.ts";
import { failureOf } from "../../../support/failure.ts";
import { aCommandHome } from "../../../support/run-command.ts";

test("no tar is read from a terminal, at which somebody would wait for ever", async () => {
  let copied = 0;
  const { app } = await aCommandHome({}, { copyIn: async () => void (copied += 1) });
  const progress = { add: () => undefined, done: () => undefined };
  const context = {
    app,
    bottle: "hello",
    signal: new AbortController().signal,
    openProgress: () => progress,
  };
  const copy = (isTTY: boolean) => {
    Object.assign(app.world, {
      stdin: { isTTY },
      openInput: () => new Blob([new Uint8Array(1024)]).stream(),
    });
    const to = { kind: "bottle", bottle: "hello", path: "x" } as const;
    return copyIn(context as unknown as CopyContext, { way: "in", from: { kind: "stream" }, to });
  };
  expect((await failureOf(copy(true))).message).toBe("Cannot read a tar from a terminal");
  expect(copied).toBe(0);
  expect(await copy(false)).toStartWith("Copied 0 files");
  expect(copied).toBe(1);
});
