import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { command } from "../../../src/cli/commands/allow.ts";
import type { AllowRequest } from "../../../src/bottle/live.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../support/journal-entries.ts";
import { aCommandHome } from "../../support/run-command.ts";

const manifest = '{ "bottles": { "b": {} }, "agents": { "hello": { "bottle": "b" } } }\n';

async function anAllowingHome() {
  const requests: AllowRequest[] = [];
  const made = await aCommandHome(
    { "claude-bottle.json": manifest },
    {
      list: async () => [aRunningBottle()],
      allow: async (request) => {
        requests.push(request);
        return {
          bottle: `hello-${request.session}`,
          manifestBottle: "b",
          pairs: [`${request.host}:443`],
          until: undefined,
          notes: [],
        };
      },
    },
  );
  await writeEntries(stateFolder(made.app.world), [aJournalEntry()]);
  return { ...made, requests };
}

describe("allow", () => {
  test.each([
    ["10.0.0.5", "it is a private address, which the filter blocks", "Add --private."],
    ["127.0.0.1", "no rule can allow loopback", ""],
    ["localhost", "it is the bottle itself", "Inside the bottle it needs no rule."],
    ["db.lan:5432", "a running bottle gets port 443 alone", '"tcp": ["db.lan:5432"]'],
    ["mirror.lan:80", "a running bottle gets port 443 alone", 'write "http": ["mirror.lan"]'],
  ])("refuses %s, which would not be reached", async (host, reason, hint) => {
    const { run, requests } = await anAllowingHome();
    const error = await failureOf(run(command, { bottle: "hello", host }));
    expect(error.message).toStartWith(`Cannot allow "${host}": ${reason}`);
    expect(error.hint).toContain(hint);
    expect(requests).toEqual([]);
  });

  test("takes a private address with --private, and port 443 with the name", async () => {
    const { run, requests } = await anAllowingHome();
    await run(command, { bottle: "hello", host: "10.0.0.5", private: true });
    const { stderr } = await run(command, { bottle: "hello", host: "x.invalid:443" });
    expect(requests.map(({ session, host, isPrivate }) => [session, host, isPrivate])).toEqual([
      ["k3f9q2", "10.0.0.5", true],
      ["k3f9q2", "x.invalid", false],
    ]);
    expect(stderr).toContain("x.invalid:443 may be reached by hello-k3f9q2");
  });

  test("saves on the line where the rule belongs", async () => {
    const { run, home } = await anAllowingHome();
    const { stderr } = await run(command, { bottle: "hello", host: "x.invalid", save: true });
    expect(stderr).toEndWith("Saved in ~/claude-bottle.json under egress.allowlist.\n");
    expect(await readFile(`${home}/claude-bottle.json`, "utf8")).toBe(
      manifest.replace("{}", '{ "egress": { "allowlist": ["x.invalid"] } }'),
    );
  });
});
