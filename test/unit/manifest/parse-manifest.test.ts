import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";
import { aBottle, aFile, aManifest, anSshEntry, hostKey } from "../../support/manifests.ts";

const example = await readFile(new URL("../../../claude-bottle.example.json", import.meta.url), "utf8");

describe("the example manifest", () => {
  const manifest = parseManifests([aFile(example)]);

  test("has two bottles and two agents", () => {
    expect([...manifest.bottles.keys()]).toEqual(["plain", "gitea-dev"]);
    expect([...manifest.agents.keys()]).toEqual(["hello", "gitea-helper"]);
  });

  test("is read field by field", () => {
    const bottle = manifest.bottles.get("gitea-dev");
    expect(bottle?.env.map(({ name, value }) => [name, value])).toEqual([
      ["GITEA_TOKEN", { kind: "prompt", question: "paste your Gitea API token" }],
      ["GITHUB_TOKEN", { kind: "variable", variable: "GH_PAT" }],
      ["GIT_AUTHOR_NAME", { kind: "literal", value: "didericis" }],
    ]);
    expect(bottle?.env.map((entry) => entry.hosts)).toEqual([["gitea.dideric.is"], undefined, undefined]);
    expect(bottle?.ssh).toMatchObject([
      {
        host: "gitea",
        hostname: "gitea.dideric.is",
        user: "git",
        port: 30_009,
        identityFile: "~/.ssh/id_ed25519_gitea",
        hostKey,
      },
    ]);
    const { allowlist, private: privateHosts, inspect } = bottle?.egress ?? {};
    expect(allowlist?.map((one) => one.host)).toEqual(["github.com", "*.githubusercontent.com"]);
    expect(privateHosts?.map((one) => one.host)).toEqual(["gitea.dideric.is"]);
    expect(inspect?.map((one) => one.host)).toEqual(["api.example.com"]);
    expect(bottle).toMatchObject({
      auth: "gate",
      limits: { memoryBytes: 4 * 1024 ** 3, cpus: 2, pids: 1024 },
      dockerfile: "./agent.Dockerfile",
      buildContext: "./agent-files",
    });
    expect(manifest.agents.get("gitea-helper")).toMatchObject({
      bottle: "gitea-dev",
      skills: ["init-prd"],
      prompt: "You help maintain Gitea-hosted projects.",
    });
  });

  test("says where each grant stands", () => {
    const bottle = manifest.bottles.get("gitea-dev");
    const lines = example.split("\n");
    for (const [source, start] of [
      [bottle?.source, '"gitea-dev"'],
      [bottle?.env[1]?.source, '"GITHUB_TOKEN"'],
      [bottle?.egress.private[0]?.source, '"gitea.dideric.is"'],
      [manifest.agents.get("gitea-helper")?.source, '"gitea-helper"'],
    ] as const) {
      expect(lines[(source?.line ?? 0) - 1]?.slice((source?.column ?? 0) - 1)).toStartWith(start);
    }
  });
});

describe("parseManifests()", () => {
  test("reads comments, trailing commas and a byte order mark", () => {
    const text =
      '\ufeff{ // one\n"bottles": { "dev": {}, }, /* two */\n"agents": { "a": { "bottle": "dev", }, }, }';
    expect(parseManifests([aFile(text)]).agents.get("a")?.source).toMatchObject({ line: 3, column: 13 });
  });

  test("counts lines in files of Windows too", () => {
    const text = '{\r\n  "bottles": {\r\n    "dev": {}\r\n  }\r\n}\r\n';
    expect(parseManifests([aFile(text)]).bottles.get("dev")?.source).toMatchObject({ line: 3, column: 5 });
  });

  test("gives a bottle that says nothing the defaults", () => {
    expect(aBottle()).toMatchObject({
      env: [],
      ssh: [],
      egress: { allowlist: [], private: [], inspect: [] },
      auth: "gate",
      limits: { memoryBytes: 4 * 1024 ** 3, cpus: undefined, pids: 2048 },
      dockerfile: undefined,
    });
  });

  test("takes nothing for a manifest without entries", () => {
    expect(parseManifests([aFile({})])).toEqual({ bottles: new Map(), agents: new Map() });
    expect(parseManifests([])).toEqual({ bottles: new Map(), agents: new Map() });
  });

  test("keeps one of two equal skills", () => {
    const agents = { helper: { bottle: "dev", skills: ["a", "b", "a"] } };
    expect(aManifest({ agents }).agents.get("helper")?.skills).toEqual(["a", "b"]);
  });
});

describe("two manifests", () => {
  const home = aFile(
    {
      bottles: { dev: { env: { A: "home" }, auth: "env" }, mine: {} },
      agents: { helper: { bottle: "dev" } },
    },
    "home",
  );
  const project = aFile({
    bottles: { dev: { egress: { allowlist: ["github.com"] } } },
    agents: { other: { bottle: "mine" } },
  });

  test.each([
    ["home first", [home, project]],
    ["project first", [project, home]],
  ])("merge by name, the project's entry whole (%s)", (_name, files) => {
    const { bottles, agents } = parseManifests(files);
    expect(bottles.get("dev")).toMatchObject({ env: [], auth: "gate", source: { scope: "project" } });
    expect(bottles.get("dev")?.egress.allowlist[0]?.source.file).toBe("claude-bottle.json");
    expect(bottles.get("mine")?.source).toMatchObject({ scope: "home", file: "~/claude-bottle.json" });
    expect(agents.get("helper")).toMatchObject({ bottle: "dev", source: { scope: "home" } });
    expect(agents.get("other")).toMatchObject({ bottle: "mine", source: { scope: "project" } });
  });
});

const port = (value: unknown) => aBottle({ ssh: [anSshEntry({ Port: value })] }).ssh[0]?.port;

describe("an ssh entry", () => {
  test("has its port as a number or as text, and 22 without one", () => {
    expect(port(30_009)).toBe(30_009);
    expect(port("30009")).toBe(30_009);
    expect(aBottle({ ssh: [anSshEntry()] }).ssh[0]?.port).toBe(22);
  });

  test.each([
    hostKey,
    `gitea.example ${hostKey}`,
    `GITEA.example. ${hostKey} a comment`,
    `[gitea.example]:22 ${hostKey}`,
    `gitea.example,10.0.0.2\t${hostKey}`,
    `  ${hostKey}==`,
  ])("pins the key of %j", (line) => {
    expect(aBottle({ ssh: [anSshEntry({ KnownHostKey: line })] }).ssh[0]?.hostKey).toBe(hostKey);
  });

  test("may share its server with another one, as deploy keys do", () => {
    const ssh = [anSshEntry({ Host: "one" }), anSshEntry({ Host: "two" })];
    expect(aBottle({ ssh }).ssh.map((entry) => entry.host)).toEqual(["one", "two"]);
  });
});
