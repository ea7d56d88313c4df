import { describe, expect, test } from "bun:test";
import { readWorkspace } from "../../../../src/host/workspace/workspace.ts";
import { aFolder, aRepository, aWorld } from "../../../support/temporary.ts";

const matcher = [{ hooks: [{ type: "command", command: "x" }] }];
const settings = (hooks: unknown) => JSON.stringify({ hooks });
const notesOf = async (cwd: string, exclude: readonly string[] = []) =>
  (await readWorkspace({ ...(await aWorld()), cwd }, { exclude })).notes;

describe("hooks of the project's own", () => {
  const files = {
    ".claude/settings.json": settings({ PreToolUse: matcher, Stop: matcher, Other: [] }),
    ".claude/settings.local.json": settings({ SessionStart: matcher }),
    "sub/.claude/settings.json": settings({ Stop: matcher }),
  };

  test("are told of each settings file that goes in, of a repository and of a folder", async () => {
    const told = [
      ".claude/settings.json has hooks, which run inside the bottle: PreToolUse, Stop",
      ".claude/settings.local.json has hooks, which run inside the bottle: SessionStart",
    ];
    expect(await notesOf(await aRepository(files))).toEqual(told);
    expect(await notesOf(await aFolder(files))).toEqual(told);
  });

  test("are not told of a file that stays out", async () => {
    const repository = await aRepository({ ...files, ".gitignore": "settings.local.json\n" });
    expect(await notesOf(repository)).toHaveLength(1);
    expect(await notesOf(await aFolder(files), [".claude/"])).toHaveLength(0);
  });

  test.each(["", "{", "[]", "null", settings([]), settings({ Stop: {} }), settings(null)])(
    "are none in %j",
    async (text) => {
      expect(await notesOf(await aFolder({ ".claude/settings.json": text }))).toEqual([]);
    },
  );

  test("are counted beyond ten", async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, one) => [`E${one}`, matcher]));
    const [note] = (await notesOf(await aFolder({ ".claude/settings.json": settings(many) }))) ?? [];
    expect(note).toEndWith("E8, E9 and 2 more");
  });
});
