import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { tryTool } from "../../../scripts/lib/run-tool.ts";
import { renderEnvironment } from "../../../src/bottle/docker/handshake.ts";
import { Secret } from "../../../src/core/secret.ts";
import { aFolder } from "../../support/temporary.ts";

const entry = join(import.meta.dir, "../../../src/sidecar/entry.sh");

/** What a program finds in its environment that the entry program made of these values. */
async function pass(values: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, string>> {
  const home = await aFolder({ ".claude-bottle/kept": "" });
  const named = Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) }));
  const { stdout, stderr, exitCode } = await tryTool(["/bin/sh", entry, "env", "-0"], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
    input: renderEnvironment(named),
  });
  expect([exitCode, stderr]).toEqual([0, ""]);
  const body = stdout.split("\u001e").at(-1) ?? "";
  return new Map(
    body
      .split("\0")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

describe("the entry program", () => {
  test.each([
    ["line breaks", "a\nb\n\nc"],
    ["line breaks at the end", "a\n\n"],
    ["quotes", `a'b"c'\\''d`],
    ["what a shell would run", "$(exit 9) `exit 9` ${PATH} ; exit 9 & #"],
    ["backslashes", "a\\nb\\\\c\\"],
    ["other scripts", "ü 漢字 🍾"],
    ["nothing", ""],
    ["100 kB", "x".repeat(100_000)],
  ])("hands a value with %s over as it is", async (_name, value) => {
    const found = await pass({ BEFORE: "1", VALUE: value, AFTER: "2" });
    expect([found.get("BEFORE"), found.get("VALUE"), found.get("AFTER")]).toEqual(["1", value, "2"]);
  });

  test("keeps its own variables out of the way of a manifest's", async () => {
    const script = await Bun.file(entry).text();
    const own = [...script.matchAll(/^\s*([a-z_]+)=|read -r ([a-z_ ]+)/gm)].flatMap(
      ([, set = "", read = ""]) => `${set} ${read}`.split(" ").filter((name) => /^[a-z]+$/.test(name)),
    );
    const values = Object.fromEntries([...new Set(own)].map((name) => [name, `of the user's: ${name}`]));
    expect(own.length).toBeGreaterThan(3);
    const found = await pass(values);
    expect(Object.fromEntries(own.map((name) => [name, found.get(name)]))).toEqual(values);
  });

  test("hands on nothing of its own", async () => {
    expect([...(await pass({})).keys()].toSorted()).toEqual(["HOME", "PATH", "PWD"]);
  });
});
