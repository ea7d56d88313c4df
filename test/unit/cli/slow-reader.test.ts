import type { Receipt } from "../../../src/protocol/receipt.ts";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { makeSourceEnvironment, sourceCommand } from "../../support/run-source.ts";
import { aFolder } from "../../support/temporary.ts";

/** More than a pipe holds by itself, 64 KiB (pipe(7)) */
const refs = 2_000;
/** Longer than a closed terminal is waited for */
const pauseSeconds = 2;

async function aHomeWithALongRecord(): Promise<string> {
  const home = await aFolder();
  const ids = Array.from({ length: refs }, (_, number) => number.toString(16).padStart(40, "0"));
  const receipt: Receipt = {
    schema: 1,
    session: "abc123",
    bottleName: "hello-abc123",
    agent: "hello",
    bottle: "b",
    policyDigest: "0".repeat(64),
    image: "i",
    versions: { claudeBottle: "1", claude: "1", engine: "1" },
    runtime: "runc",
    workspace: home,
    secrets: [],
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:01.000Z",
    end: "ended",
    exitCode: 0,
    note: undefined,
    reached: [],
    refused: [],
    broughtBack: ids.map((id) => ({
      ref: `refs/bottles/abc123/heads/${id}`,
      id,
      commits: 1,
      repository: "",
    })),
    files: [],
    claudeSession: undefined,
    problems: [],
  };
  await writeReceipt(join(home, ".local/state/claude-bottle"), receipt);
  return home;
}

test("a reader that is slow gets all of it", async () => {
  const home = await aHomeWithALongRecord();
  // Read by a program of its own, since Bun takes what comes at once
  const script = `"$@" | { sleep ${pauseSeconds}; cat; }`;
  const child = Bun.spawn(["/bin/sh", "-c", script, "sh", ...sourceCommand, "sessions", "--json"], {
    cwd: home,
    env: makeSourceEnvironment({ cwd: home, home, env: {} }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  expect(text.length).toBeGreaterThan(200_000);
  expect(JSON.parse(text)).toHaveLength(1);
});
