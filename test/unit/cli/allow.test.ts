import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { command } from "../../../src/cli/commands/allow.ts";
import type { AllowRequest, BoundRequest } from "../../../src/bottle/live.ts";
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
    ["git.lan:22", "port 22 speaks SSH", "Add an ssh entry"],
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

  test.each([
    ["registry.invalid:5000", {}, 5000, "tls", '"allowlist": ["registry.invalid:5000"]'],
    ["mirror.invalid:80", {}, 80, "http", '"http": ["mirror.invalid"]'],
    ["mirror.invalid", { http: true }, 80, "http", '"http": ["mirror.invalid"]'],
    ["mirror.invalid:4873", { http: true }, 4873, "http", '"http": ["mirror.invalid:4873"]'],
    ["db.invalid:5432", { tcp: true }, 5432, "tcp", '"tcp": ["db.invalid:5432"]'],
    ["old.invalid:22", { tcp: true }, 22, "tcp", '"tcp": ["old.invalid:22"]'],
  ])("takes %s with %j, and saves it in the list for it", async (host, flags, port, protocol, saved) => {
    const { run, requests, home } = await anAllowingHome();
    await run(command, { bottle: "hello", host, save: true, ...flags });
    expect(requests).toMatchObject([{ host: host.split(":")[0], port, protocol }]);
    expect(await readFile(`${home}/claude-bottle.json`, "utf8")).toContain(saved);
  });

  test("saves a private database in both lists that it needs", async () => {
    const { run, home } = await anAllowingHome();
    const flags = { tcp: true, private: true, save: true };
    await run(command, { bottle: "hello", host: "db.invalid:5432", ...flags });
    const text = await readFile(`${home}/claude-bottle.json`, "utf8");
    expect(text).toContain('"tcp": ["db.invalid:5432"]');
    expect(text).toContain('"private": ["db.invalid:5432"]');
  });

  test.each([
    [{ tcp: true, http: true }, "db.lan:1", "two protocols"],
    [{ tcp: true }, "db.lan", "one port of one host"],
    [{ tcp: true }, "*.db.lan:5432", "one port of one host"],
    [{ undo: true, tcp: true }, "db.lan:5432", "take a change back"],
  ])("refuses %j for %s", async (flags, host, reason) => {
    const { run, requests } = await anAllowingHome();
    expect((await failureOf(run(command, { bottle: "hello", host, ...flags }))).message).toContain(reason);
    expect(requests).toEqual([]);
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

describe("allow --upload and --requests", () => {
  async function aBoundHome() {
    const requests: BoundRequest[] = [];
    const made = await aCommandHome(
      { "claude-bottle.json": manifest },
      {
        list: async () => [aRunningBottle()],
        changeBound: async (request) => {
          requests.push(request);
          return { bottle: "hello-k3f9q2", bounds: [{ what: "upload", used: 1_024, limit: 40 * 1024 ** 2 }] };
        },
      },
    );
    await writeEntries(stateFolder(made.app.world), [aJournalEntry()]);
    return { ...made, requests };
  }

  test("change the bound and nothing else", async () => {
    const { run, requests } = await aBoundHome();
    const { stderr } = await run(command, {
      bottle: "hello",
      host: "GitHub.com",
      upload: "40mb",
      requests: "7",
    });
    expect(requests).toEqual([
      { session: "k3f9q2", host: "github.com", uploadBytes: 40 * 1024 ** 2, requests: 7 },
    ]);
    expect(stderr).toBe(
      "github.com may be sent 40.0 MiB by hello-k3f9q2 in this session; 1.0 KiB so far. The sidecar has confirmed it.\n",
    );
  });

  test.each([
    [{ upload: "much" }, 'Cannot use "much" as a size'],
    [{ requests: "0" }, 'Cannot use "0" as a number of requests'],
    [{ upload: "1mb", private: true }, "Cannot change how a host is allowed"],
    [{ upload: "1mb", undo: true }, "Cannot take a change back"],
  ])("refuse %j", async (words, message) => {
    const { run, requests } = await aBoundHome();
    const error = await failureOf(run(command, { bottle: "hello", host: "a.test", ...words }));
    expect(error.message).toStartWith(message);
    expect(requests).toEqual([]);
  });
});
