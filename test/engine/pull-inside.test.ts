/**
 * A pull of a running bottle asks a program in it, beside an agent that may answer in its place. Whatever it answers, nothing follows on this
 * machine but refs below `refs/bottles` and files in the session's record, and the work that it hides comes at the end of the session.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeHostileTar } from "../support/hostile-tar.ts";
import { ensureLyingNode } from "../support/lying-node.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { fingerprint, listLeft, readReceipts, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { git } from "../support/temporary.ts";
import { makeWorkWorld, readBroughtRefs } from "../support/work-session.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureLyingNode(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

const end = '{"section":"end","bytes":0}\n';

function section(header: Readonly<Record<string, unknown>>, content: Buffer | string = ""): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`${JSON.stringify({ bytes: bytes.length, ...header })}\n`), bytes]);
}

describe.skipIf(image === undefined).each([...runtimes])(
  "an agent under %s that answers a pull",
  (runtime) => {
    let run: TestRun;
    let world: SessionWorld;
    let bottle: string;
    let head: string;

    beforeAll(async () => {
      run = beginTestRun(engine);
      world = await makeWorkWorld(run, image ?? "", runtime);
      head = await git(world.workspace, "rev-parse", "HEAD");
      const script = "echo work >work.txt; touch /tmp/ready; sleep 3600";
      await runCommand(world, ["start", "hello", "--cwd", "--yes", "--detach", "--", "-c", script]);
      bottle = (await readReceipts(world))[0]?.bottleName ?? "";
      while ((await inside("test -e /tmp/ready")).exitCode !== 0);
    });
    afterAll(async () => {
      await runCommand(world, ["stop", "--all", "--yes"]);
      await run.end();
      await world.remove();
    });

    const inside = (script: string) => runCommand(world, ["exec", bottle, "--", "sh", "-c", script]);

    /** A pull, with that in its program's place. */
    async function pullWith(...lie: readonly (Buffer | string)[]) {
      const file = join(world.home, "lie");
      await writeFile(file, Buffer.concat(lie.map((one) => Buffer.from(one))));
      const copied = await runCommand(world, ["cp", file, `${bottle}:/tmp/lie.tar`]);
      expect(copied).toMatchObject({ stderr: "", exitCode: 0 });
      await rm(file);
      const before = { home: await fingerprint(world.home), work: await fingerprint(world.workspace) };
      const pulled = await runCommand(world, ["pull", bottle]);
      await inside("rm /tmp/lie.tar");
      expect(await fingerprint(world.workspace)).toEqual(before.work);
      const added = Object.keys(await fingerprint(world.home)).filter((path) => !(path in before.home));
      const isExpected = (path: string) => /^\.(?:bun|local\/state\/claude-bottle\/sessions)\//.test(path);
      expect(added.filter((path) => !isExpected(path))).toEqual([]);
      // oxlint-disable-next-line no-control-regex
      expect(pulled.stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
      return pulled;
    }

    test("with nothing hides its work from it, which is kept", async () => {
      expect(await pullWith(end)).toMatchObject({ stderr: "Nothing has changed.\n", exitCode: 0 });
      expect(await readBroughtRefs(world)).toEqual({});
      expect((await listLeft(engine, run)).filter((name) => /-(?:work|kept)$/.test(name))).toHaveLength(2);
    });

    test("with names of refs that lead elsewhere moves none", async () => {
      const names = ["refs/heads/main", "refs/heads/../../heads/main", "../../HEAD", "refs/bottles/other/x"];
      const refs = JSON.stringify(names.map((name) => [name, head]));
      await pullWith(section({ section: "refs", repository: 0 }, refs), end);
      const text = await git(world.workspace, "for-each-ref", "--format=%(refname)");
      const stem = `refs/bottles/${bottle.replace("hello-", "")}/`;
      expect(text.split("\n").filter((name) => !name.startsWith(stem))).toEqual(["refs/heads/main"]);
    });

    test("with a bundle that is none, and a record that leads out of its folder, is told, and nothing is written", async () => {
      const tar = makeHostileTar([
        { name: "../../escaped", content: "x" },
        { name: "/tmp/escaped", content: "x" },
      ]);
      const pulled = await pullWith(
        section({ section: "transcript" }, tar),
        section({ section: "bundle", repository: 0 }, "# v2 git bundle\nnone\n\n"),
        section({ section: "problem", text: "\u001b[2J", isOutside: true }),
        end,
      );
      expect(pulled.stderr).toContain("\\x1b[2J");
      expect(pulled.exitCode).toBe(1);
    });

    test.each([
      ["with what is no answer", ["hello\n"]],
      ["with what nobody asked for", [section({ section: "text" }, "x"), end]],
      ["with more than was agreed", [section({ section: "bundle", repository: 0, bytes: 1e15 }), end]],
      [
        "with half of one",
        [section({ section: "bundle", repository: 0, bytes: 1_000 }, "# v2 git bundle\n")],
      ],
      ["with less than all", [section({ section: "problem", text: "no memory" }), end]],
      ["with nothing at all", [""]],
    ])("%s is read by a container in which it runs nothing", async (_, lie) => {
      await git(world.workspace, "for-each-ref", "--format=delete %(refname)", "refs/bottles").then((text) =>
        Bun.$`git update-ref --stdin <${Buffer.from(text === "" ? "" : `${text}\n`)}`
          .cwd(world.workspace)
          .quiet(),
      );
      const pulled = await pullWith(...lie);
      expect(pulled).toMatchObject({ stderr: expect.stringContaining("Pulled:"), exitCode: 0 });
      const { uncommitted = "" } = await readBroughtRefs(world);
      expect(await git(world.workspace, "show", `${uncommitted}:work.txt`)).toBe("work");
    });

    test("with nothing at the end of its session has no say: all of its work comes", async () => {
      await inside(`echo late >late.txt; printf '%s' '${end.trim()}' >/tmp/lie.tar; echo >>/tmp/lie.tar`);
      // The control: within the bottle that is the answer
      expect((await runCommand(world, ["pull", bottle])).stderr).toBe("Nothing has changed.\n");
      await runCommand(world, ["stop", bottle]);
      const { uncommitted = "" } = await readBroughtRefs(world);
      expect(await git(world.workspace, "show", `${uncommitted}:late.txt`)).toBe("late");
      expect(await listLeft(engine, run)).toEqual([]);
    });
  },
);
