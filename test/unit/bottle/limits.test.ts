/** What is read of others and told to the agent, exactly at its limits and one off. */
import { describe, expect, test } from "bun:test";
import {
  makePrivateEnvironment,
  makePublicEnvironment,
} from "../../../src/bottle/agent/agent-environment.ts";
import { readSections } from "../../../src/bottle/work/collect-sections.ts";
import { parseDockerfile, showInstruction } from "../../../src/bottle/image/dockerfile/instructions.ts";
import { splitAssignment } from "../../../src/bottle/image/dockerfile/words.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { BottlePlan } from "../../../src/plan/plan.ts";
import { aPlan, aWorkspacePlan } from "../../support/manifests.ts";

describe("the collector's answer", () => {
  const limits = {
    bundleBytes: 10,
    patchBytes: 20,
    transcriptBytes: 30,
    broughtBytes: 40,
    commandMs: 1,
    totalBytes: 8 * 1024 * 1024,
  };
  const asked = { limits, workspace: "/w", transcripts: "/t", repositories: [1, 2] };

  /** The sections it has, or why it is not taken. */
  async function read(
    chunks: string | readonly string[],
    task: "bring-back" | "stat" = "bring-back",
  ): Promise<string[] | string> {
    const found: string[] = [];
    async function* output() {
      for (const chunk of [chunks].flat()) yield Buffer.from(chunk);
    }
    const sink = {
      begin: async ({ section }: { section: string }) => ({
        write: async () => {},
        end: async () => void found.push(section),
      }),
    };
    return readSections(output(), sink, { ...asked, task }).then(
      (isWhole) => (isWhole ? found : "not whole"),
      (error: Error) => error.message.replace(/.*wrong form: /, ""),
    );
  }

  const part = (section: string, bytes: number, more: object = {}) =>
    `${JSON.stringify({ section, bytes, ...more })}\n${"x".repeat(bytes)}`;
  const end = '{"section":"end","bytes":0}\n';
  const nobody = "it has a part that nobody asked for";

  test.each([
    ["bundle", 10, { repository: 0 }],
    ["patch", 20, {}],
    ["text", 20, {}],
    ["transcript", 30, {}],
    ["brought", 40, {}],
    ["ignored", 2 * 1024 * 1024, {}],
    ["refs", 2 * 1024 * 1024, { repository: 0 }],
  ])("has a %s of up to its limit of bytes", async (section, most, more) => {
    const task = section === "text" ? "stat" : "bring-back";
    for (const bytes of [0, most])
      expect(await read(part(section, bytes, more) + end, task)).toEqual([section]);
    expect(await read(part(section, most + 1, more) + end, task)).toBe(nobody);
    for (const bytes of [-1, 0.5, "1", null])
      expect(await read(`${JSON.stringify({ section, bytes, ...more })}\n${end}`, task)).toBe(nobody);
  });

  test.each(["bundle", "refs"])("has a %s of no more repositories than there are", async (section) => {
    expect(await read(part(section, 1, { repository: 1 }) + end)).toEqual([section]);
    for (const repository of [2, -2, 0.5, undefined])
      expect(await read(part(section, 1, { repository }) + end)).toBe(nobody);
    // One that none of the repositories has: of what was lost
    const ofNone = await read(part(section, 1, { repository: -1 }) + end);
    expect(ofNone).toEqual(section === "bundle" ? ["bundle"] : nobody);
  });

  test("has no empty line, and none of more than 8 KiB", async () => {
    expect(await read(`\n${end}`)).toBe("it has a line that is not JSON");
    expect(await read([end.trim().padEnd(8_192), "\n"])).toEqual([]);
    expect(await read([end.trim().padEnd(8_193), "\n"])).toBe("it has a line that is too long");
  });

  test("counts up to what no work tree has", async () => {
    const progress = (done: number) =>
      `${JSON.stringify({ section: "progress", stage: "list", done, whole: 1 })}\n`;
    for (const done of [0, 1_000_000_000]) expect(await read(progress(done) + end)).toEqual([]);
    for (const done of [-1, 1_000_000_001]) expect(await read(progress(done) + end)).toBe(nobody);
  });
});

describe("a Dockerfile", () => {
  const namesOf = (...lines: string[]) =>
    parseDockerfile(lines.join("\n")).instructions.map(({ name, line }) => `${line} ${name}`);

  test("goes on behind a heredoc without a line, and behind one with one", () => {
    expect(namesOf("RUN <<EOF", "EOF", "USER root")).toEqual(["1 RUN", "3 USER"]);
    expect(namesOf("RUN <<EOF", "USER a", "EOF", "USER root")).toEqual(["1 RUN", "4 USER"]);
  });

  test("is shown by up to 120 characters of an instruction", () => {
    const show = (length: number) => {
      const [one] = parseDockerfile(`RUN ${"x".repeat(length - 4)}`).instructions;
      return one && showInstruction(one);
    };
    expect(show(120)).toBe(`line 1: RUN ${"x".repeat(116)}`);
    expect(show(121)).toBe(`line 1: RUN ${"x".repeat(116)}…`);
  });

  test("has assignments with a name and without", () => {
    expect(splitAssignment("A=b=c")).toEqual(["A", "b=c"]);
    expect(splitAssignment("A=")).toEqual(["A", ""]);
    expect(splitAssignment("A")).toEqual(["A", undefined]);
    expect(splitAssignment("=b")).toEqual(["", "b"]);
  });
});

describe("the agent's environment", () => {
  const namesOf = (differences: Partial<BottlePlan>) =>
    new Set(makePublicEnvironment(aPlan(differences), {}).map((one) => one.replace(/=.*/s, "")));
  const ssh = [{}] as unknown as BottlePlan["ssh"];

  test.each<[string, Partial<BottlePlan>, Partial<BottlePlan>]>([
    ["SSH_AUTH_SOCK", { ssh }, {}],
    ["CLAUDE_BOTTLE_SSH_AGENT", { ssh }, {}],
    ["ANTHROPIC_BASE_URL", { auth: "gate" }, { auth: "env" }],
    ["CLAUDE_BOTTLE_SAVE", { workspace: aWorkspacePlan({ hasRepository: true }) }, {}],
    [
      "CLAUDE_BOTTLE_BEFORE",
      { workspace: aWorkspacePlan({ hasRepository: false }) },
      { workspace: aWorkspacePlan({ hasRepository: true }) },
    ],
  ])("has %s where it is of use, and else not", (name, where, elsewhere) => {
    expect(namesOf(where).has(name)).toBe(true);
    expect(namesOf(elsewhere).has(name)).toBe(false);
  });

  test("has what the terminal says, and all the forms that lead to the gate", () => {
    const values = makePublicEnvironment(aPlan(), { TERM: "xterm" });
    expect(values).toContain("TERM=xterm");
    const proxies = values.filter((one) => /^https?_proxy=/i.test(one));
    expect(proxies).toHaveLength(4);
    expect(new Set(proxies.map((one) => one.replace(/^\w+=/, ""))).size).toBe(1);
  });

  test.each([
    ["gate", "oauth", "CLAUDE_CODE_OAUTH_TOKEN", false],
    ["gate", "api-key", "ANTHROPIC_AUTH_TOKEN", false],
    ["env", "oauth", "CLAUDE_CODE_OAUTH_TOKEN", true],
    ["env", "api-key", "ANTHROPIC_API_KEY", true],
  ] as const)(
    "with the token by %s and of the kind %s holds %s, itself: %p",
    (auth, kind, name, isItself) => {
      const value = new Secret("canary-1");
      const bound = { name: "A", value: new Secret("canary-2"), placeholder: new Secret("PLACE") };
      const grants = { env: [bound, { name: "B", value: new Secret("b") }], token: { kind, value } };
      const made = makePrivateEnvironment(
        aPlan({ auth }),
        grants as unknown as Parameters<typeof makePrivateEnvironment>[1],
        undefined,
      );
      expect(made.map((one) => one.name)).toEqual(["A", "B", name]);
      expect(made[0]?.value === bound.placeholder).toBe(true);
      expect(made[2]?.value === value).toBe(isItself);
    },
  );

  test("has the authority of hosts that are opened, if there are any", () => {
    const grants = { env: [], token: { kind: "oauth", value: new Secret("canary-1") } };
    const make = (authority?: string) =>
      makePrivateEnvironment(
        aPlan(),
        grants as unknown as Parameters<typeof makePrivateEnvironment>[1],
        authority,
      );
    expect(make("PEM").at(-1)?.name).toBe("CLAUDE_BOTTLE_CA");
    expect(make().map(({ name }) => name)).not.toContain("CLAUDE_BOTTLE_CA");
  });
});
