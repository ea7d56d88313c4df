import { describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { command } from "../../../src/cli/commands/learn.ts";
import { askEach } from "../../../src/cli/network/ask-each.ts";
import type { BottleProposal } from "../../../src/cli/network/ask-each.ts";
import type { Prompts } from "../../../src/host/prompts.ts";
import { recordFolder, writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { renderEgressJson } from "../../../src/session/end/egress-lines.ts";
import { anEgressRecord } from "../../support/egress-records.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aCommandHome } from "../../support/run-command.ts";

const manifest =
  '{ "bottles": { "b": { "egress": { "allowlist": ["known.invalid"] } } }, "agents": { "hello": { "bottle": "b" } } }\n';

const records = [
  anEgressRecord({ host: "known.invalid" }),
  anEgressRecord({ host: "npm.invalid" }),
  anEgressRecord({ host: "npm.invalid" }),
  anEgressRecord({ host: "once.invalid" }),
  anEgressRecord({ host: "once.invalid", verdict: "allowed" }),
  anEgressRecord({ host: "plain.invalid", port: 80 }),
  anEgressRecord({ host: "db.invalid", port: 5432 }),
  anEgressRecord({ host: "10.0.0.7" }),
  anEgressRecord({ host: "169.254.169.254", port: 80 }),
  anEgressRecord({ host: "no host\u001b[2J" }),
  anEgressRecord({ host: "api.anthropic.com" }),
];

/** A session that is over, with these records. */
async function anEndedSession() {
  const made = await aCommandHome({ "claude-bottle.json": manifest }, { list: async () => [] });
  const folder = stateFolder(made.app.world);
  await writeReceipt(folder, aReceipt({ refused: ["npm.invalid:443", "washed-out.invalid:443"] }));
  await writeFile(`${recordFolder(folder, "k3f9q2")}/egress.jsonl`, records.map(renderEgressJson).join(""));
  return made;
}

async function proposals(): Promise<BottleProposal[]> {
  const { run } = await anEndedSession();
  const { stdout } = await run(command, { _: ["k3f9q2"], json: true });
  return JSON.parse(stdout) as BottleProposal[];
}

describe("learn", () => {
  test("proposes what was blocked and is not allowed by now, each with its list or why none helps", async () => {
    const found = (await proposals()).map(({ host, port, count, list }) => [host, port, count, list]);
    expect(found).toEqual([
      ["npm.invalid", 443, 2, "allowlist"],
      ["once.invalid", 443, 1, "allowlist"],
      ["plain.invalid", 80, 1, "http"],
      ["db.invalid", 5432, 1, "allowlist"],
      ["10.0.0.7", 443, 1, "private"],
      ["169.254.169.254", 80, 1, undefined],
      ["api.anthropic.com", 443, 1, undefined],
      ["washed-out.invalid", 443, 1, "allowlist"],
    ]);
  });

  test("changes nothing without a terminal", async () => {
    const { run, home } = await anEndedSession();
    const { stdout, stderr } = await run(command, { _: ["k3f9q2"] });
    expect(stdout).toContain("npm.invalid:443");
    expect(stderr).toBe("Run this in a terminal to allow them one by one.\n");
    expect(await readFile(`${home}/claude-bottle.json`, "utf8")).toBe(manifest);
  });

  test("takes what is answered with yes into the manifest, and looks no other name up", async () => {
    const { app, home } = await anEndedSession();
    const lookedUp: string[] = [];
    const asked: string[] = [];
    const said: string[] = [];
    const prompts: Partial<Prompts> = {
      choose: <T extends string>(question: string, choices: readonly { readonly value: T }[]) => {
        asked.push(question);
        return choices.findLast((one) => one.value === "tcp")?.value as T;
      },
      say: (text) => void said.push(text),
      confirm: (question) => {
        asked.push(question);
        return !said.findLast((line) => line.startsWith("\n"))?.startsWith("\nonce.invalid");
      },
    };
    await askEach(app.world, await proposals(), {
      prompts: prompts as Prompts,
      findAddresses: async (hosts) => {
        lookedUp.push(...hosts);
        return new Map([["washed-out.invalid", ["192.168.1.9"]]]);
      },
    });
    expect(lookedUp).toEqual(["npm.invalid", "plain.invalid", "db.invalid", "washed-out.invalid"]);
    expect(asked).toHaveLength(8);
    expect(asked).toContain("What is spoken on port 5432?");
    expect(said.join("\n")).toContain("No question for this one: no rule can allow loopback");
    expect(await readFile(`${home}/claude-bottle.json`, "utf8")).toBe(
      manifest.replace(
        '["known.invalid"]',
        '["known.invalid", "npm.invalid"], "http": ["plain.invalid"], "tcp": ["db.invalid:5432"], "private": ["10.0.0.7", "washed-out.invalid"]',
      ),
    );
  });
});
