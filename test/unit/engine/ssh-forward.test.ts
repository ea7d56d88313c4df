/** What is waited for while the user's own ssh brings an engine's socket here, and what is left of it. */
import { expect, test } from "bun:test";
import { chmod, exists, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openSshForward } from "../../../src/engine/ssh-forward.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

const target = { host: "engine.test", user: "me", port: "2222", socketPath: "/run/docker.sock" };

/** An ssh that is this shell script; its words are in `words`. */
async function withSsh(script: string) {
  const folder = await aFolder({
    ssh: `#!/bin/sh\nprintf '%s\\n' "$@" >"${"$"}{0%/ssh}/words"\n${script}\n`,
  });
  await chmod(join(folder, "ssh"), 0o755);
  const env = { PATH: `${folder}:${process.env["PATH"]}`, EMPTY: "", TOKEN: undefined };
  return {
    open: () => openSshForward(target, env),
    words: async () => (await Bun.file(join(folder, "words")).text()).trim().split("\n"),
  };
}

test("an ssh that ends is not waited for: its last words are told, and nothing is left", async () => {
  const { open, words } = await withSsh(
    "echo warning >&2; echo 'me@engine.test: Permission denied' >&2; exit 255",
  );
  const { message } = await failureOf(open());
  expect(message).toContain("ssh does not get there: me@engine.test: Permission denied");
  const forwarded = (await words()).find((word) => word.endsWith(":/run/docker.sock")) ?? "";
  expect(await exists(dirname(forwarded))).toBe(false);
});

test("one that is killed is not waited for either", async () => {
  const { open } = await withSsh("kill -9 $$");
  expect((await failureOf(open())).message).toContain("ssh does not get there");
});

test("the socket is in a folder of the user's alone, and a host's name is no option", async () => {
  const { open, words } = await withSsh(
    'for word; do case $word in *:/run/docker.sock) : >"${word%%:*}";; esac; done; sleep 1',
  );
  const path = await open();
  expect(await exists(path)).toBe(true);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  expect((await words()).slice(-2)).toEqual(["--", "engine.test"]);
  expect(await words()).toEqual(expect.arrayContaining(["-p", "2222", "-l", "me"]));
  // Ends by itself here, and takes the folder with it
  while (await exists(dirname(path))) await Bun.sleep(50);
});
