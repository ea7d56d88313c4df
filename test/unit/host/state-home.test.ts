import { describe, expect, test } from "bun:test";
import { chmod, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findTemporaryState } from "../../../src/host/state-home.ts";
import { aFolder } from "../../support/temporary.ts";

const uid = process.getuid?.() ?? 0;

/** A home folder that nobody can write, root neither: what is above the state folder is a file. */
async function anUnwritableHome(): Promise<string> {
  const folder = await aFolder();
  await writeFile(join(folder, ".local"), "");
  return folder;
}

const find = (home: string, temporary: string, env: Record<string, string> = {}) =>
  findTemporaryState({ env, home, uid }, temporary);

describe("findTemporaryState()", () => {
  test("is not needed where the state folder is there, or could be made", async () => {
    const home = await aFolder();
    const temporary = await aFolder();
    expect(find(home, temporary)).toBeUndefined();
    await mkdir(join(home, ".local/state/claude-bottle"), { recursive: true });
    expect(find(home, temporary)).toBeUndefined();
    expect(find(await anUnwritableHome(), temporary, { XDG_STATE_HOME: home })).toBeUndefined();
  });

  test("is a folder for this user alone, and the same one the next time", async () => {
    const [home, temporary] = [await anUnwritableHome(), await aFolder()];
    const found = find(home, temporary);
    expect(found).toBe(join(temporary, `claude-bottle-${uid}`));
    expect((await stat(found ?? "")).mode & 0o777).toBe(0o700);
    expect(find(home, temporary)).toBe(found);
  });

  test.each([
    ["open to others", (path: string) => mkdir(path).then(() => chmod(path, 0o777))],
    ["a link", (path: string) => symlink("/tmp", path)],
    ["a file", (path: string) => writeFile(path, "")],
  ])("is another one where there is something that is %s", async (_name, make) => {
    const [home, temporary] = [await anUnwritableHome(), await aFolder()];
    const known = join(temporary, `claude-bottle-${uid}`);
    await make(known);
    const found = find(home, temporary);
    expect(found).toStartWith(`${known}-`);
    expect((await stat(found ?? "")).mode & 0o777).toBe(0o700);
  });

  test("is an error with what to set where nothing can be written", async () => {
    const home = await anUnwritableHome();
    expect(() => find(home, join(home, ".local"))).toThrow("Cannot keep anything");
  });
});
