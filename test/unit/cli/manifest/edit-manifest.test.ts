import { describe, expect, test } from "bun:test";
import { chmod, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { editManifest } from "../../../../src/cli/manifest/edit-manifest.ts";
import type { World } from "../../../../src/host/world.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

const valid = '{ "agents": { "hello": { "bottle": "dev" } }, "bottles": { "dev": {} } }\n';

/** A home folder with a manifest, and a shell script for an editor, which finds the draft in $1 and the manifest in $MANIFEST. */
async function aDesk(script: string) {
  const home = await aFolder({ "claude-bottle.json": valid, editor: `#!/bin/sh\n${script}\n` });
  await chmod(join(home, "editor"), 0o755);
  const manifest = join(home, "claude-bottle.json");
  const written: string[] = [];
  const env = { PATH: process.env["PATH"], EDITOR: join(home, "editor"), MANIFEST: manifest };
  const stderr = { write: (text: string) => written.push(text) };
  const world = { cwd: home, home, env, pid: process.pid, stdin: {}, stderr } as unknown as World;
  const findKept = () => /Your text is in (.*)\n/.exec(written.join(""))?.[1];
  return {
    edit: () => editManifest(world, true),
    async editInProject(text: string) {
      await putFiles(home, { "project/claude-bottle.json": text });
      return editManifest({ ...world, cwd: join(home, "project") }, false);
    },
    readManifest: () => readFile(manifest, "utf8"),
    listDrafts: () => readdir(join(home, ".local/state/claude-bottle/scratch")),
    findKept,
    /** What was kept of it, which is then removed */
    async takeKept() {
      const path = findKept() ?? "";
      const text = await readFile(path, "utf8");
      await rm(dirname(path), { recursive: true });
      return text;
    },
  };
}

describe("editManifest()", () => {
  test("saves a valid text and leaves no draft", async () => {
    const desk = await aDesk(`sed -i s/hello/other/ "$1"`);
    expect(await desk.edit()).toBe("claude-bottle.json is saved.");
    expect(await desk.readManifest()).toBe(valid.replace("hello", "other"));
    expect(await desk.listDrafts()).toEqual([]);
    expect(desk.findKept()).toBeUndefined();
  });

  test("checks a project's text together with the home file, whose bottles it may name", async () => {
    const desk = await aDesk(`sed -i s/a.test/b.test/ "$1"`);
    const project = '{ "agents": { "mine": { "bottle": "dev", "prompt": "a.test" } } }\n';
    expect(await desk.editInProject(project)).toContain("is saved.");
    const lone = await aDesk(`sed -i s/dev/none/ "$1"`);
    expect((await failureOf(lone.editInProject(project))).message).toContain("the text is not valid");
    await lone.takeKept();
  });

  test("keeps an invalid text and says where, also when nobody can be asked to go on", async () => {
    const desk = await aDesk(`echo '{ "agents": 1 }' >"$1"`);
    const error = await failureOf(desk.edit());
    expect(error.message).toBe(
      'Cannot save "claude-bottle.json": the text is not valid, and the file is as it was',
    );
    expect(await desk.takeKept()).toBe('{ "agents": 1 }\n');
    expect(await desk.readManifest()).toBe(valid);
    expect(await desk.listDrafts()).toEqual([]);
  });

  test("keeps what was typed when the editor fails, and nothing when nothing was typed", async () => {
    const changed = await aDesk(`echo typed >"$1"; exit 3`);
    expect((await failureOf(changed.edit())).message).toEndWith("ended with 3");
    expect(await changed.takeKept()).toBe("typed\n");
    const untouched = await aDesk("exit 3");
    expect((await failureOf(untouched.edit())).message).toEndWith("ended with 3");
    expect(untouched.findKept()).toBeUndefined();
    expect(await untouched.listDrafts()).toEqual([]);
  });

  test("does not overwrite what somebody else has written meanwhile", async () => {
    const desk = await aDesk(`sed -i s/hello/other/ "$1"; echo '{}' >"$MANIFEST"`);
    expect((await failureOf(desk.edit())).message).toEndWith("it was changed meanwhile");
    expect(await desk.takeKept()).toContain("other");
    expect(await desk.readManifest()).toBe("{}\n");
  });
});
