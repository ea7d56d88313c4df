/** Which editor is run, and what it needs. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runEditor } from "../../../src/host/editor.ts";
import type { World } from "../../../src/host/world.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

function aWorldWith(env: Readonly<Record<string, string>>, stdin = false, stdout = false): World {
  const world = {
    env: { PATH: process.env["PATH"], ...env },
    stdin: { isTTY: stdin },
    stdout: { isTTY: stdout },
  };
  return world as unknown as World;
}

test.each([
  [false, false],
  [true, false],
  [false, true],
])(
  "without a name, and with a terminal to read from %p and to write to %p, none is run",
  async (stdin, stdout) => {
    // It would be a vi that anybody could have put there
    const world = aWorldWith({ PATH: await aFolder({ vi: "#!/bin/sh\nexit 7\n" }) }, stdin, stdout);
    expect((await failureOf(runEditor(world, "x"))).message).not.toContain("ended with");
  },
);

test("one that was named needs no terminal, may have words of its own, and gets the path as one word", async () => {
  const path = join(await aFolder(), "a b");
  await runEditor(aWorldWith({ EDITOR: "false", VISUAL: "cp /etc/hostname" }), path);
  expect(await Bun.file(path).exists()).toBe(true);
  const text = (await Bun.file(path).text()).length;
  await runEditor(aWorldWith({ EDITOR: "truncate -s 0" }), path);
  expect([text > 0, (await Bun.file(path).text()).length]).toEqual([true, 0]);
});

test("one that fails is told by its name and what it ended with", async () => {
  const failure = await failureOf(runEditor(aWorldWith({ EDITOR: "sh -c 'exit 3'" }), "x"));
  expect(failure.message).toBe(`Cannot edit: "sh -c 'exit 3'" ended with 3`);
});
