import { expect, test } from "bun:test";
import { join } from "node:path";
import { runAside } from "../../../src/host/reaper.ts";
import { aFolder } from "../../support/temporary.ts";

test("a command aside has the root folder, its own environment and no input, and is waited for", async () => {
  const out = join(await aFolder(), "out");
  const script = 'echo "$(pwd) [$HOME] $(cat)" >"$OUT"; echo nothing of it is seen';
  await runAside(["/bin/sh", "-c", script], { OUT: out, PATH: "/usr/bin:/bin" }, true);
  expect(await Bun.file(out).text()).toBe("/ [] \n");
});
