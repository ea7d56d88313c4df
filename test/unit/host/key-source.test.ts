import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

setDefaultTimeout(60_000);
const source = join(import.meta.dir, "../../../src/host/key-source.ts");

test("keys come as they are pressed, and the end of the terminal is told", async () => {
  const code = `const { openKeys } = await import(${JSON.stringify(source)});
const world = { env: process.env, stdin: { setRawMode: (isRaw) => console.log("raw " + isRaw) } };
const keys = openKeys(world, async () => { console.log("end"); await keys.close(); });
keys.stream.setRawMode(true);
keys.stream.on("data", (bytes) => console.log("key " + bytes));`;
  const child = Bun.spawn([process.execPath, "-e", code], {
    stdin: Buffer.from("ab"),
    stdout: "pipe",
    stderr: "ignore",
  });
  expect(await new Response(child.stdout).text()).toBe("raw true\nkey ab\nend\nraw false\n");
});
