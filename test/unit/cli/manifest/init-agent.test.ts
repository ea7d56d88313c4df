import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { initAgent } from "../../../../src/cli/manifest/init-agent.ts";
import type { Prompts } from "../../../../src/host/prompts.ts";
import type { World } from "../../../../src/host/world.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder } from "../../../support/temporary.ts";

/** Answers in the order of the questions; an answer that is missing is an empty one */
function answering(answers: readonly string[]): Prompts & { readonly said: string[] } {
  const left = [...answers];
  const said: string[] = [];
  const next = () => left.shift() ?? "";
  return {
    said,
    text: (_question, fallback = "") => next() || fallback,
    choose: (_question, choices) => {
      const picked = choices[Number(next() || "1") - 1];
      if (!picked) throw new Error("There is no such choice");
      return picked.value;
    },
    confirm: () => next() === "y",
    say: (text) => said.push(text),
    succeed: (text) => said.push(text),
    complain: (text) => said.push(text),
  };
}

async function init(files: Readonly<Record<string, string>>, ...answers: string[]) {
  const home = await aFolder(files);
  const cwd = join(home, "project");
  await Bun.write(join(cwd, "README"), "");
  const prompts = answering(answers);
  const world = { cwd, home, env: {} } as Partial<World> as World;
  const agent = await initAgent(world, prompts, "first");
  const read = (path: string) => readFile(join(home, path), "utf8").catch(() => undefined);
  return {
    agent,
    said: prompts.said.join("\n"),
    project: await read("project/claude-bottle.json"),
    home: await read("claude-bottle.json"),
  };
}

describe("initAgent()", () => {
  test("makes an agent that reaches nothing of empty answers and a yes", async () => {
    const { agent, project, said } = await init({}, "", "", "", "", "", "y");
    expect(agent).toBe("first");
    expect(project).toMatchInlineSnapshot(`
      "{
        "bottles": {
          "default": {
            "egress": {
              "allowlist": []
            }
          }
        },
        "agents": {
          "first": {
            "bottle": "default"
          }
        }
      }
      "
    `);
    expect(said).toContain("claude-bottle.json is saved.");
  });

  test("writes nothing without a yes", async () => {
    const { agent, project, home, said } = await init({}, "", "helper", "", "github.com", "be brief", "");
    expect([agent, project, home]).toEqual([undefined, undefined, undefined]);
    expect(said).toContain("Nothing was written.");
  });

  test("adds to what is there, keeps its comments, and asks again for a name that is taken and for what is no host", async () => {
    const text = '{\n  // mine\n  "bottles": { "b": {} },\n  "agents": { "old": { "bottle": "b" } }\n}\n';
    const { agent, home, said } = await init(
      { "claude-bottle.json": text },
      "2",
      "old",
      "new one",
      "new",
      "2",
      "b",
      "web",
      "https://x.org/",
      "x.org, *.y.org x.org",
      "",
      "y",
    );
    expect(agent).toBe("new");
    expect(home).toContain("// mine");
    expect(home).toContain('"old"');
    expect(JSON.stringify(Bun.JSONC.parse(home ?? ""))).toContain(
      '"web":{"egress":{"allowlist":["x.org","*.y.org"]}}',
    );
    expect(said).toContain('"old" already exists');
    expect(said).toContain("A name begins with a letter or digit");
    expect(said).toContain('"b" already exists');
    expect(said).toContain('"https://x.org/" is not a host');
  });

  test("does not overwrite what somebody has written while it asked", async () => {
    const home = await aFolder({ "claude-bottle.json": '{ "bottles": { "b": {} } }' });
    const prompts = answering(["2", "a", "1", "", "y"]);
    const path = join(home, "claude-bottle.json");
    const confirm = () => {
      writeFileSync(path, "{}");
      return true;
    };
    const world = { cwd: join(home, "x"), home, env: {} } as Partial<World> as World;
    const error = await failureOf(initAgent(world, { ...prompts, confirm }, "first"));
    expect(error.message).toBe(`Cannot save "${path}": it was changed meanwhile`);
    expect(await readFile(path, "utf8")).toBe("{}");
  });

  test("runs a further agent in a bottle that is there", async () => {
    const { home } = await init(
      { "claude-bottle.json": '{ "bottles": { "b": {} } }' },
      "2",
      "a",
      "1",
      "",
      "y",
    );
    expect(Bun.JSONC.parse(home ?? "")).toEqual({ bottles: { b: {} }, agents: { a: { bottle: "b" } } });
  });
});
