import { describe, expect, onTestFinished, setDefaultTimeout, test } from "bun:test";
import { rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { removeImage, tagImage } from "../../src/engine/images.ts";
import { engineForTests, imageForTests } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { aProjectFolder } from "../support/project-folder.ts";
import { putFiles } from "../support/temporary.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

const aProject = (bottle?: object, agent?: object) => aProjectFolder(engine, bottle, agent);

/** Claude in these tests is a shell that reads commands; without any it ends at once */
const start = ["start", "a", "--yes"];

describe.skipIf(typeof found === "string")("a project file", () => {
  test("is not started on --yes before it was approved, and is after a trust; a change is refused again", async () => {
    const { run, write } = await aProject();
    const refused = await run(start);
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("claude-bottle.json is a project file and was not approved");
    expect(refused.stderr).toContain('"claude-bottle trust a"');
    expect(refused.stderr).toContain("[project file]");
    // The control: once it is approved the same start is not refused
    const trusted = await run(["trust", "a", "--yes"]);
    expect([trusted.exitCode, trusted.stdout]).toEqual([0, ""]);
    expect(trusted.stderr).toContain("not approved before");
    expect((await run(start)).exitCode).toBe(0);
    expect((await run(["trust", "a", "--yes"])).stderr).toContain("a is already approved in this form");
    await write({ egress: { allowlist: ["evil.example"] } }, { prompt: "Be evil." });
    const changed = await run(start);
    expect(changed.exitCode).toBe(2);
    expect(changed.stderr).toContain("changed since it was approved");
    expect(changed.stderr).toContain("+ host evil.example:443 tls");
    expect(changed.stderr).toMatch(/\+ prompt [0-9a-f]{8}…/);
    await write({});
    expect((await run(start)).exitCode).toBe(0);
  });

  test("is started once with --trust-project", async () => {
    const { run } = await aProject();
    expect((await run([...start, "--trust-project"])).exitCode).toBe(0);
    expect((await run(["run", "a", "-p", "x"])).exitCode).toBe(0);
  });

  test("is one project by all its names, and another folder with the same file is another", async () => {
    const { run, folder, project } = await aProject();
    await run(["trust", "a", "--yes"]);
    await symlink(project, join(folder, "alias"));
    expect((await run(start, join(folder, "alias"))).exitCode).toBe(0);
    await rename(project, join(folder, "moved"));
    expect((await run(start, join(folder, "moved"))).exitCode).toBe(2);
  });

  test("is forgotten by untrust: one agent, all here, all of every project", async () => {
    const { run } = await aProject();
    for (const words of [["a"], [], ["--all"]]) {
      await run(["trust", "a", "--yes"]);
      expect((await run(["untrust", "other"])).stderr).toBe("Nothing was approved.\n");
      expect((await run(["untrust", ...words])).stderr).toBe("No longer approved: a\n");
      expect((await run(start)).exitCode).toBe(2);
    }
    expect((await run(["untrust", "a", "--all"])).exitCode).toBe(2);
  });

  test("is trusted without the values of its variables, and each of them is told with its origin", async () => {
    const { run } = await aProject({ env: { TOKEN: "${HOST_SECRET}" } });
    const trusted = await run(["trust", "a", "--yes"]);
    expect(trusted.exitCode).toBe(0);
    expect(trusted.stderr).toMatch(
      /TOKEN {2}copied from HOST_SECRET .*claude-bottle\.json:1:\d+ \[project file\]/,
    );
    const started = await run(start, undefined, { HOST_SECRET: "canary-value" });
    expect(started.exitCode).toBe(0);
    expect(started.stderr).not.toContain("canary-value");
  });

  test("cannot have a skill swapped: another content is another policy", async () => {
    const { run, home } = await aProject({}, { skills: ["s"] });
    await putFiles(home, { ".claude/skills/s/SKILL.md": "good" });
    await run(["trust", "a", "--yes"]);
    expect((await run(start)).exitCode).toBe(0);
    await putFiles(home, { ".claude/skills/s/SKILL.md": "evil" });
    const changed = await run(start);
    expect(changed.exitCode).toBe(2);
    expect(changed.stderr).toMatch(/\+ skill s [0-9a-f]{8}…/);
  });

  test("asks at a terminal, and a no is remembered as nothing", async () => {
    const { open, run } = await aProject();
    const no = open(["trust", "a"]);
    await no.waitFor("Approve this for a? [y/N]");
    no.type("n\n");
    expect(await no.exitCode).toBe(1);
    expect((await run(start)).exitCode).toBe(2);
    const yes = open(["trust", "a"]);
    await yes.waitFor("Approve this for a? [y/N]");
    yes.type("y\n");
    expect(await yes.exitCode).toBe(0);
    expect((await run(start)).exitCode).toBe(0);
  });

  test("once it is approved is one screen above a question that Enter answers; d shows the rest, and a change asks again", async () => {
    const { open, run, write } = await aProject({}, { prompt: "good" });
    expect((await run(["trust", "a", "--yes"])).exitCode).toBe(0);
    const brief = open(["start", "a"]);
    await brief.waitFor("Start? [Y/n/d=details]");
    expect(brief.screen().trim().split("\n").length).toBeLessThanOrEqual(8);
    expect(brief.screen()).toContain("unchanged since you approved it");
    brief.type("\n");
    await brief.waitFor(/^\$$/m);
    brief.type("exit\n");
    expect(await brief.exitCode).toBe(0);
    const whole = open(["start", "a"]);
    await whole.waitFor("Start? [Y/n/d=details]");
    whole.type("d\n");
    await whole.waitFor("Start this bottle? [y/N]");
    expect(whole.screen()).toContain("none since the last approval");
    whole.type("\n");
    await whole.waitFor("Not started.");
    expect(await whole.exitCode).toBe(0);
    await write({}, { prompt: "evil" });
    const changed = open(["start", "a"]);
    await changed.waitFor("Start this bottle? [y/N]");
    expect(changed.screen()).not.toContain("unchanged");
    changed.type("\n");
    expect(await changed.exitCode).toBe(0);
    const { stderr } = await run([...start, "--trust-project"]);
    expect(stderr).toContain("+ prompt ");
    expect((await run(start)).stderr).toStartWith("a → bottle ");
  });

  test("that changes while the question is open does not change what is run", async () => {
    const { open, write } = await aProject({}, { prompt: "good" });
    const terminal = open(["start", "a"]);
    await terminal.waitFor("Start this bottle? [y/N]");
    await write({ env: { MARK: "swapped" } }, { prompt: "evil" });
    terminal.type("y\n");
    await terminal.waitFor(/^\$$/m);
    terminal.type('echo "mark=$MARK." "prompt=$(tail -n 1 ~/.claude-bottle/prompt.md)."\n');
    await terminal.waitFor("mark=. prompt=good.");
    terminal.type("exit\n");
    expect(await terminal.exitCode).toBe(0);
    // The control: what was written meanwhile is what the next start shows, and runs after its own yes
    const next = open(["start", "a"]);
    await next.waitFor("Start this bottle? [y/N]");
    next.type("y\n");
    await next.waitFor(/^\$$/m);
    next.type('echo "mark=$MARK." "prompt=$(tail -n 1 ~/.claude-bottle/prompt.md)."\n');
    await next.waitFor("mark=swapped. prompt=evil.");
    next.type("exit\n");
    expect(await next.exitCode).toBe(0);
  });

  test("whose Dockerfile changes while the question is open is not built", async () => {
    const { open, project } = await aProject({ image: { dockerfile: "./agent.Dockerfile" } });
    const dockerfile = (line: string) => ({
      "agent.Dockerfile": `ARG BASE_IMAGE\nFROM \${BASE_IMAGE}\nRUN ${line}\n`,
    });
    await putFiles(project, dockerfile("true"));
    const terminal = open(["start", "a"], { CLAUDE_BOTTLE_IMAGE: "" });
    await terminal.waitFor("Start this bottle? [y/N]");
    await putFiles(project, dockerfile("echo evil"));
    terminal.type("y\n");
    await terminal.waitFor("changed after the plan was shown");
    expect(await terminal.exitCode).toBe(1);
    expect(terminal.screen()).not.toContain("Building");
  });

  test("whose image is another by the same name is not started, and by the approved one it is", async () => {
    const name = `claude-bottle-test-moving-${crypto.randomUUID().slice(0, 8)}`;
    onTestFinished(() => removeImage(engine, `${name}:1`));
    await tagImage(engine, await ensureFakeClaude(engine), name, "1");
    const { run, project } = await aProject({ image: { name: `${name}:1` } });
    const ownImage = { CLAUDE_BOTTLE_IMAGE: "" };
    const trusted = await run(["trust", "a", "--yes"], project, ownImage);
    expect(trusted.stderr).toMatch(
      new RegExp(`${name}:1 is sha256:[0-9a-f]{64}; a different image of that name`),
    );
    const started = await run(start, project, ownImage);
    expect([started.exitCode, started.stderr.includes("unchanged since you approved it")]).toEqual([0, true]);
    await tagImage(engine, await imageForTests(engine), name, "1");
    const moved = await run(start, project, ownImage);
    expect([moved.exitCode, moved.stdout]).toEqual([2, ""]);
    expect(moved.stderr).toContain("changed since it was approved");
  });

  const copying = { image: { dockerfile: "./docker/D", context: "." } };
  const files = {
    "docker/D": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nCOPY . /opt/\n",
    ".dockerignore": "ignored\n",
    "files/a": "good",
    ignored: "good",
  };

  test("whose build context is another needs another approval, and one with another ignored file does not", async () => {
    const { run, project } = await aProject(copying);
    await putFiles(project, files);
    const ownImage = { CLAUDE_BOTTLE_IMAGE: "" };
    expect((await run(["trust", "a", "--yes"], project, ownImage)).exitCode).toBe(0);
    await putFiles(project, { ignored: "evil" });
    const same = await run(["start", "a", "--dry-run"], project, ownImage);
    expect(same.stdout).toContain(`build context ${project}: 2 files, `);
    // The control: with the same files that approval holds
    expect(same.stdout).toContain("none since the last approval");
    await putFiles(project, { "files/a": "evil" });
    const changed = await run(start, project, ownImage);
    expect(changed.exitCode).toBe(2);
    expect(changed.stderr).toMatch(new RegExp(`\\+ build context ${project} [0-9a-f]{8}…`));
    expect(changed.stderr).not.toContain("Building");
  });

  test("whose build context changes while the question is open is not built", async () => {
    const { open, project } = await aProject(copying);
    await putFiles(project, files);
    const terminal = open(["start", "a"], { CLAUDE_BOTTLE_IMAGE: "" });
    await terminal.waitFor("Start this bottle? [y/N]");
    await putFiles(project, { "files/a": "evil" });
    terminal.type("y\n");
    await terminal.waitFor("Start again and look at what changed.");
    expect(terminal.screen()).toContain(`"${project}/docker/D" or "${project}" changed after`);
    expect(await terminal.exitCode).toBe(1);
    expect(terminal.screen()).not.toContain("Building");
  });
});
