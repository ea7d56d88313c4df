/** Claude's own memory of a project: the real Claude Code reads it in a bottle, and what is changed there comes back only on a yes. */
import type { Receipt } from "../../src/protocol/receipt.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { beginSessionWorld } from "../support/session/world.ts";
import type { Project, SessionWorld } from "../support/session/world.ts";
import { git, putFiles } from "../support/temporary.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
let world: SessionWorld;

const manifest = {
  bottles: { plain: { egress: { private: ["api.anthropic.com"] } } },
  agents: {
    keeper: { bottle: "plain", claude: { remember: true } },
    // The control: without it nothing goes in, and nothing is asked about
    none: { bottle: "plain" },
  },
};

describe.skipIf(typeof found === "string")("Claude's own memory of a project", () => {
  let project: Project;
  let folder: string;

  beforeAll(async () => {
    world = await beginSessionWorld(engine);
    project = await world.makeProject("runc", manifest);
    await git(project.folder, "init", "--quiet");
    await git(project.folder, "commit", "--quiet", "--allow-empty", "--message", "First");
    const projects = join(project.environment["HOME"] ?? "", ".claude/projects");
    const name = project.folder.replaceAll(/[^a-zA-Z0-9]/g, "-");
    folder = join(projects, name, "memory");
    await putFiles(projects, {
      [`${name}/memory/MEMORY.md`]: "- The user keeps zebras.\n",
      [`${name}/00000000-0000-0000-0000-000000000001.jsonl`]: '{"a":"words-of-transcripts"}\n',
      "-another-project/memory/MEMORY.md": "- words-of-another\n",
    });
  });
  afterAll(() => world?.end());

  const start = async (agent: string, prompt: string, ...words: string[]) => {
    const run = await project.run(["start", agent, "--cwd", "--yes", ...words, "--", "-p", prompt]);
    expect([run.exitCode, run.exitCode === 0 ? "" : run.stderr]).toEqual([0, ""]);
    return run;
  };
  const lastSession = async () => {
    const [receipt] = JSON.parse((await project.run(["sessions", "--json"])).stdout) as Receipt[];
    return receipt?.session ?? "";
  };
  const readMemory = (path: string) => readFile(join(folder, path), "utf8").catch(() => undefined);
  const memory = "~/.claude/projects/-home-node-workspace/memory";

  test("is what Claude in the bottle has in mind, and nothing else of the user's projects is there", async () => {
    const { stdout, stderr } = await start("keeper", "told: The user keeps");
    expect(stdout.trim()).toBe("- The user keeps zebras.");
    expect(stderr).not.toContain("Claude's memory");
    const search =
      "run: grep -rlE 'words-of-(transcripts|another)|user keeps zebras' ~/.claude/projects/ | grep -c memory/";
    expect((await start("keeper", search)).stdout).toContain("printed: 1");
    expect((await start("none", "told: The user keeps")).stdout.trim()).toBe("Not told.");
  });

  test("comes back as a diff, and is taken on a yes; the next session has it", async () => {
    const change = `run: cd ${memory} && echo '- The agent likes lions.' >>MEMORY.md && echo new >new.md; ln -s /etc/passwd link.md; echo x >x.sh`;
    const { stderr } = await start("keeper", change, "--no-transcript");
    const session = await lastSession();
    expect(stderr).toContain(
      `changed, 2 files; yours is not. Look, and take it: claude-bottle memory ${session}`,
    );
    expect(await readMemory("MEMORY.md")).toBe("- The user keeps zebras.\n");
    expect((await start("keeper", "told: The agent likes")).stdout.trim()).toBe("Not told.");

    const terminal = project.open(["memory", session]);
    await terminal.waitFor("+ - The agent likes lions.");
    await terminal.waitFor("Take this?");
    terminal.type("n\r");
    expect(await terminal.exitCode).toBe(1);
    expect(await readMemory("new.md")).toBeUndefined();

    const again = project.open(["memory", session]);
    await again.waitFor("Take this?");
    again.type("y\r");
    expect(await again.exitCode).toBe(0);
    expect(await readMemory("MEMORY.md")).toBe("- The user keeps zebras.\n- The agent likes lions.\n");
    expect([await readMemory("new.md"), await readMemory("link.md"), await readMemory("x.sh")]).toEqual([
      "new\n",
      undefined,
      undefined,
    ]);
    expect((await start("keeper", "told: The agent likes")).stdout.trim()).toBe("- The agent likes lions.");
    expect(await world.leftovers()).toEqual([]);
  });

  test("of a session that is resumed is the user's, not what that session made of it", async () => {
    await start("keeper", `run: echo '- The agent likes owls.' >>${memory}/MEMORY.md`);
    const session = await lastSession();
    const words = ["resume", session, "--yes", "--", "-p", `run: cat ${memory}/MEMORY.md`];
    const { stdout } = await project.run(words);
    expect(stdout).toContain("lions");
    expect(stdout).not.toContain("owls");
  });
});
