import type { KeptTree } from "../../../src/bottle/setup-store.ts";
import type { Bottles } from "../../../src/bottle/bottles.ts";
import { describe, expect, test } from "bun:test";
import type { CheckResult } from "../../../src/bottle/diagnosis.ts";
import type { App } from "../../../src/session/app.ts";
import { command } from "../../../src/cli/commands/doctor.ts";
import { checkOwnSide } from "../../../src/cli/doctor/doctor-checks.ts";
import { readSettings } from "../../../src/session/settings.ts";
import { renderCheck, renderSummary } from "../../../src/cli/render/doctor-words.ts";
import { manifest } from "../../support/doctor-output.ts";
import { aFolder } from "../../support/temporary.ts";

describe("the doctor on this side", () => {
  async function look(text: string | undefined, env: Readonly<Record<string, string>>) {
    const home = await aFolder(text === undefined ? {} : { "claude-bottle.json": text });
    return checkOwnSide({ env, home, cwd: home, stdin: {} } as unknown as App["world"]);
  }

  test("finds a sound manifest and a token", async () => {
    const results = await look(manifest, { CLAUDE_BOTTLE_OAUTH_TOKEN: "sk" });
    expect(results.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["manifest", "ok"],
      ["token", "ok"],
    ]);
    expect(JSON.stringify(results)).not.toContain('"sk"');
  });

  test("looks at the token where a start would take it from", async () => {
    const command = (text: string) => look(manifest, { CLAUDE_BOTTLE_TOKEN_COMMAND: text });
    const [, good] = await command("echo sk-ant-oat01-x");
    expect(good).toMatchObject({
      verdict: "ok",
      detail: expect.stringContaining("CLAUDE_BOTTLE_TOKEN_COMMAND"),
    });
    const [, bad] = await command("echo something-else");
    expect(bad?.verdict).toBe("broken");
    expect(JSON.stringify([good, bad])).not.toMatch(/oat01|something-else/);
    const [, other] = await look(manifest, { CLAUDE_BOTTLE_OAUTH_TOKEN: "sk-ant-api03-x" });
    expect(other).toMatchObject({ verdict: "broken", remedy: expect.stringContaining("ANTHROPIC_API_KEY") });
  });

  test("names what is wrong in a manifest, and where", async () => {
    const [broken] = await look('{ "bottle": {} }', {});
    expect(broken).toMatchObject({
      verdict: "broken",
      remedy: expect.stringContaining("claude-bottle check"),
    });
    expect(broken?.lines?.[0]).toContain("claude-bottle.json:1:3");
  });

  test("says of a missing token how to get one, and of a missing manifest how to make one", async () => {
    const results = await look(undefined, {});
    expect(results.map((one) => one.verdict)).toEqual(["broken", "broken"]);
    expect(results[0]?.remedy).toBe('Make one with "claude-bottle init".');
    expect(results[1]?.remedy).toContain("claude setup-token");
  });
});

describe("claude-bottle doctor", () => {
  async function run(
    args: Readonly<Record<string, boolean>>,
    results: readonly CheckResult[],
    trees: readonly KeptTree[] = [],
    findKeptData: Bottles["findKeptData"] = () => Promise.resolve([]),
  ) {
    const home = await aFolder({ "claude-bottle.json": manifest });
    let [stdout, stderr] = ["", ""];
    const bottles: Partial<Bottles> = {
      diagnose: () => Promise.resolve(results),
      listTrees: () => Promise.resolve(trees),
      findKeptData,
    };
    const app = {
      world: {
        env: { CLAUDE_BOTTLE_OAUTH_TOKEN: "x" },
        home,
        cwd: home,
        stdout: { write: (text: string) => (stdout += text), on: () => undefined, off: () => undefined },
        stderr: { write: (text: string) => (stderr += text) },
      },
      settings: { ...readSettings({}), filter: "builtin" },
      openBottles: () => Promise.resolve(bottles),
    } as unknown as App;
    const exitCode = await command.run?.({
      args,
      rawArgs: [],
      cmd: command,
      data: { app, rest: [] },
    } as never);
    return { stdout, stderr, exitCode };
  }
  const engine: CheckResult = { name: "engine", title: "Engine", verdict: "ok", detail: "fine" };

  test("ends with 0 on warnings and with 1 on what is broken", async () => {
    expect((await run({}, [{ ...engine, verdict: "warning" }])).exitCode).toBe(0);
    const broken = await run({}, [{ ...engine, verdict: "broken", remedy: "Mend it." }]);
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toStartWith(
      "broken   Engine       fine\n                      hint: Mend it.\nok       Settings     ",
    );
    expect(broken.stderr).toBe("1 broken.\n");
  });

  test("says what setups made, if there is any of it", async () => {
    const trees = [{ key: "k", name: "n", madeAt: "2026-11-30T00:00:00Z", bytes: 3 * 1024 * 1024 }];
    expect((await run({}, [engine], trees)).stdout).toContain(
      'ok       Setups       what 1 setup made is kept: 3.0 MiB; "claude-bottle cleanup --setups" removes it',
    );
    expect((await run({}, [engine])).stdout).not.toContain("Setups");
  });

  test("says how much data of services is kept that no bottle uses, or why it cannot", async () => {
    const volume = { kind: "volume", id: "v", name: "v", session: "", holdsWork: false } as const;
    const data = [{ ...volume, bytes: 2 * 1024 * 1024 }, { ...volume, bytes: 1024 * 1024 }, volume];
    expect((await run({}, [engine], [], () => Promise.resolve(data))).stdout).toContain(
      'ok       Data         3 volumes of services kept that no bottle uses: 3.0 MiB; "claude-bottle cleanup --data" removes them for good',
    );
    expect((await run({}, [engine])).stdout).not.toContain("Data ");
    const { stdout, exitCode } = await run({}, [engine], [], () => Promise.reject(new Error("no\u001b")));
    expect([stdout.includes("skipped  Data         no\\x1b"), exitCode]).toEqual([true, 0]);
  });

  test("prints JSON for scripts", async () => {
    const { stdout } = await run({ json: true }, [engine]);
    expect(JSON.parse(stdout).map((one: CheckResult) => one.name)).toEqual([
      "engine",
      "settings",
      "manifest",
      "token",
    ]);
  });
});

test("renderCheck() and renderSummary() align and count", () => {
  const results: CheckResult[] = [
    {
      name: "a",
      title: "Known holes",
      verdict: "warning",
      detail: "two:",
      lines: ["one", "other"],
      remedy: "Update.",
    },
    { name: "b", title: "Disk", verdict: "skipped", detail: "unseen" },
  ];
  expect(results.map((one) => renderCheck(one)).join("")).toMatchInlineSnapshot(`
    "warning  Known holes  two:
                          one
                          other
                          hint: Update.
    skipped  Disk         unseen
    "
  `);
  expect(renderSummary(results)).toBe("Nothing is broken, 1 warning, 1 not checked.\n");
});
