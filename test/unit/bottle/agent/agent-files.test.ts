/** What an agent finds in its bottle: who may read it, and what is in it. */
import { describe, expect, test } from "bun:test";
import { unpackTar } from "modern-tar";
import type { BottleFiles } from "../../../../src/bottle/bottle.ts";
import { makeAgentArchive } from "../../../../src/bottle/agent/agent-files.ts";
import type { AgentArchive } from "../../../../src/bottle/agent/agent-files.ts";
import { renderClosedCheck } from "../../../../src/bottle/agent/closed-check.ts";
import type { FileEntry } from "../../../../src/core/file-entry.ts";
import type { BottlePlan } from "../../../../src/plan/plan.ts";
import { aPlan, anSshPlan } from "../../../support/manifests.ts";

const user = { uid: 4711, gid: 1000 };
const aFile = (path: string, text: string): FileEntry => ({
  path,
  kind: "file",
  mode: 0o640,
  size: text.length,
  changedAt: new Date("2024-05-06T07:08:09Z"),
  read: () => Promise.resolve(Buffer.from(text)),
});

async function pack(
  plan: Partial<BottlePlan> = {},
  files: Partial<BottleFiles> = {},
  more: Partial<AgentArchive> = {},
) {
  const tar = makeAgentArchive({
    plan: aPlan(plan),
    files: { skills: [], workspace: undefined, sshPublicKeys: [], ...files },
    user,
    passwd: undefined,
    closedCheck: undefined,
    ...more,
  });
  const entries = await unpackTar(tar);
  const find = (path: string) => entries.find(({ header }) => header.name.replace(/\/$/, "") === path);
  return {
    names: entries.map(({ header }) => header.name.replace(/\/$/, "")),
    headerOf: (path: string) => {
      const header = find(path)?.header;
      return header && `${header.type} ${(header.mode ?? 0).toString(8)} ${header.uid}:${header.gid}`;
    },
    textOf: (path: string) => new TextDecoder().decode(find(path)?.data),
  };
}
const home = "home/node";

describe("an agent's files", () => {
  test("are the agent's own, and what is about it nobody else's to read", async () => {
    const plan = { ssh: [anSshPlan()], agent: { ...aPlan().agent, prompt: "Be kind." } };
    const { headerOf, textOf } = await pack(
      plan,
      { sshPublicKeys: ["ssh-ed25519 AAAA"] },
      { closedCheck: "x\n" },
    );
    const own = "4711:1000";
    expect(headerOf(home)).toBe(`directory 755 ${own}`);
    for (const one of [".claude", ".claude/skills", "workspace"])
      expect(headerOf(`${home}/${one}`)).toBe(`directory 755 ${own}`);
    for (const one of [".claude-bottle", ".ssh"])
      expect(headerOf(`${home}/${one}`)).toBe(`directory 700 ${own}`);
    for (const one of [".claude.json", ".claude/settings.json", ".ssh/config"])
      expect(headerOf(`${home}/${one}`)).toBe(`file 600 ${own}`);
    expect(JSON.parse(textOf(`${home}/.claude.json`))).toMatchObject({
      hasCompletedOnboarding: true,
      projects: { "/home/node/workspace": { hasTrustDialogAccepted: true } },
    });
  });

  test("have the check of the walls only where there is one, and always a prompt and the server that asks the user", async () => {
    const bare = await pack();
    const claude = { mcp: { s: { command: "x" } } } as unknown as NonNullable<BottlePlan["agent"]["claude"]>;
    const full = await pack(
      { agent: { ...aPlan().agent, prompt: "Be kind.", claude } },
      {},
      { closedCheck: "walls\n" },
    );
    const added = full.names.filter((one) => !bare.names.includes(one));
    expect(added).toHaveLength(1);
    expect(added.map(full.headerOf)).toEqual(added.map(() => "file 600 4711:1000"));
    expect(added.map(full.textOf)).toEqual(["walls\n"]);
    const own = { bottle: { type: "http", url: "http://gate:8891/mcp" } };
    const mcp = `${home}/.claude-bottle/mcp.json`;
    expect(JSON.parse(bare.textOf(mcp))).toEqual({ mcpServers: own });
    expect(JSON.parse(full.textOf(mcp))).toEqual({ mcpServers: { ...own, s: { command: "x" } } });
    expect(full.headerOf(mcp)).toBe("file 600 4711:1000");
    const prompt = `${home}/.claude-bottle/prompt.md`;
    expect(full.textOf(prompt)).toBe(`${bare.textOf(prompt)}\nBe kind.\n`);
    expect(bare.textOf(prompt)).toStartWith("You run in a claude-bottle: ");
  });

  test("tell claude not to ask a host of its own about pages where the gate holds the token", async () => {
    const settingsOf = async (auth: BottlePlan["auth"]) =>
      JSON.parse((await pack({ auth })).textOf(`${home}/.claude/settings.json`));
    expect(await settingsOf("gate")).toMatchObject({ skipWebFetchPreflight: true });
    expect(await settingsOf("env")).not.toHaveProperty("skipWebFetchPreflight");
  });

  test("have the image's list of users replaced only where there is another, which root keeps", async () => {
    expect((await pack()).names).not.toContain("etc/passwd");
    const { headerOf, textOf } = await pack({}, {}, { passwd: "node:x:4711:1000::/:/bin/sh\n" });
    expect(headerOf("etc/passwd")).toBe("file 644 0:0");
    expect(textOf("etc/passwd")).toBe("node:x:4711:1000::/:/bin/sh\n");
  });

  test("come in this order: skills, the record, the workspace, and what went in of it", async () => {
    const { names, headerOf } = await pack(
      {},
      {
        skills: [{ name: "s", files: [aFile("SKILL.md", "s")] }],
        transcript: [aFile("t.jsonl", "t")],
        workspace: [aFile("w.ts", "w")],
        wentIn: [aFile("n", "n")],
      },
    );
    const files = names.filter((one) => /\/(?:SKILL\.md|t\.jsonl|w\.ts|n)$/.test(one));
    expect(files.map((one) => one.replace(/.*\//, ""))).toEqual(["SKILL.md", "t.jsonl", "w.ts", "n"]);
    expect(files[0]).toBe(`${home}/.claude/skills/s/SKILL.md`);
    expect(files[2]).toBe(`${home}/workspace/w.ts`);
    expect(names).toContain(`${home}/.claude/skills/s`);
    expect(headerOf(`${home}/workspace/w.ts`)).toBe("file 640 4711:1000");
  });

  test("have the user's lists where git looks for them, byte by byte, and no empty one", async () => {
    const { names, headerOf, textOf } = await pack(
      {},
      { userLists: { ignore: "*.\u00e4\n", attributes: "", config: "[user]\n" } },
    );
    expect(headerOf(`${home}/.config/git`)).toBe("directory 755 4711:1000");
    expect(headerOf(`${home}/.config/git/ignore`)).toBe("file 644 4711:1000");
    // The one byte that it is in latin1
    expect(textOf(`${home}/.config/git/ignore`)).toBe("*.\ufffd\n");
    expect(textOf(`${home}/.config/git/config`)).toBe("[user]\n");
    expect(names).not.toContain(`${home}/.config/git/attributes`);
    expect((await pack()).names).not.toContain(`${home}/.config`);
  });

  test("have what the user's Claude Code gives below its folder, and each plugin in a folder of its own", async () => {
    const ownClaude = {
      entries: [aFile("commands/a.md", "c")],
      plugins: [{ name: "p@m", files: [aFile("plugin.json", "{}")] }],
    };
    const { headerOf, names } = await pack({}, { ownClaude });
    expect(headerOf(`${home}/.claude/commands/a.md`)).toBe("file 640 4711:1000");
    expect(headerOf(`${home}/.claude-bottle/plugins`)).toBe("directory 755 4711:1000");
    expect(headerOf(`${home}/.claude-bottle/plugins/p@m`)).toBe("directory 755 4711:1000");
    expect(names).toContain(`${home}/.claude-bottle/plugins/p@m/plugin.json`);
    expect((await pack()).names).not.toContain(`${home}/.claude-bottle/plugins`);
  });

  test("have the user's own by their paths below the home folder, each folder once, all of them the agent's", async () => {
    const folder = { path: ".config", kind: "directory" as const, mode: 0o755, size: 0 };
    const dotfiles = [
      aFile(".inputrc", "i"),
      folder,
      aFile(".config/a", "a"),
      folder,
      aFile(".config/b", "b"),
    ];
    const { names, headerOf, textOf } = await pack({}, { dotfiles });
    expect(names.filter((one) => one === `${home}/.config`)).toHaveLength(1);
    expect(names.indexOf(`${home}/.config`)).toBeLessThan(names.indexOf(`${home}/.config/a`));
    expect(headerOf(`${home}/.config`)).toBe("directory 755 4711:1000");
    expect(headerOf(`${home}/.config/b`)).toBe("file 640 4711:1000");
    expect(textOf(`${home}/.inputrc`)).toBe("i");
  });

  test("have the entry program, the one that saves and the one that asks, which the agent cannot change", async () => {
    const { names, headerOf } = await pack();
    const programs = names.filter((one) => headerOf(one) === "file 755 0:0");
    expect(programs).toHaveLength(3);
  });
});

test("a bottle tries the host on both sides, on the engine's bridge, and the sidecar's way out", () => {
  const networks = {
    internal: { subnet: "10.0.9.8/29", gateway: "10.0.9.9", sidecar: "10.0.9.10", agent: "10.0.9.11" },
    egress: { subnet: "10.0.9.16/29", gateway: "10.0.9.17", sidecar: "10.0.9.18", agent: "10.0.9.19" },
  };
  expect(renderClosedCheck({ ...networks, defaultGateway: undefined })).toBe(
    "0909000A 10.0.9.9:9 10.0.9.17:9 10.0.9.18:8888\n",
  );
  expect(renderClosedCheck({ ...networks, defaultGateway: "172.17.0.1" })).toBe(
    "0909000A 10.0.9.9:9 10.0.9.17:9 172.17.0.1:9 10.0.9.18:8888\n",
  );
});

test("made-up credentials are the agent's alone, with their folders, and nothing is there without them", async () => {
  const canaries = [
    { kind: "aws", place: ".aws/credentials", content: "[x]\n", values: [] },
    { kind: "npm", place: ".npmrc", content: "//a/:_authToken=x\n", values: [] },
    { kind: "ssh", place: ".ssh/id_ed25519_deploy", content: "key\n", values: [] },
  ] as const;
  const { headerOf, textOf, names } = await pack({}, {}, { canaries });
  const own = "4711:1000";
  expect(headerOf(`${home}/.aws`)).toBe(`directory 700 ${own}`);
  for (const { place, content } of canaries) {
    expect(headerOf(`${home}/${place}`)).toBe(`file 600 ${own}`);
    expect(textOf(`${home}/${place}`)).toBe(content);
  }
  expect(names.filter((name) => name === `${home}/.ssh`)).toHaveLength(1);
  // The control
  expect((await pack()).names).not.toContain(`${home}/.npmrc`);
});
