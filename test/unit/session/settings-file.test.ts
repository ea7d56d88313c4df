import { describe, expect, test } from "bun:test";
import { checkSettings } from "../../../src/cli/doctor/doctor-checks.ts";
import { readSettingsFile, settingsPath } from "../../../src/session/settings-file.ts";
import { readSettings } from "../../../src/session/settings.ts";
import { aFolder } from "../../support/temporary.ts";

const name = ".config/claude-bottle/settings.jsonc";

async function read(text: string | undefined, env: Readonly<Record<string, string>> = {}) {
  const home = await aFolder(text === undefined ? {} : { [name]: text });
  return readSettings(env, await readSettingsFile({ env, home, cwd: "/" }));
}

describe("the settings file", () => {
  test("need not be there", async () => {
    expect(await read(undefined)).toEqual(readSettings({}));
  });

  test("chooses the filter where no variable does", async () => {
    const [byFile, byBoth] = [
      await read('{ "filter": "3.5" }'),
      await read('{ "filter": "3.5" }', { CLAUDE_BOTTLE_FILTER: "2.3" }),
    ];
    expect(byFile.pipelockImage).toBe(readSettings({ CLAUDE_BOTTLE_FILTER: "3.5" }).pipelockImage);
    expect(byBoth.pipelockImage).toBe(readSettings({}).pipelockImage);
    expect(checkSettings(byFile.choices).detail).toBe(
      `filter 3.5 (~/${name}:1:3), platform docker (default)`,
    );
    expect(checkSettings(byBoth.choices).detail).toBe(
      `filter 2.3 (CLAUDE_BOTTLE_FILTER, not ~/${name}:1:3), platform docker (default)`,
    );
  });

  test("stops the command if it cannot be used", async () => {
    await expect(read('{ "filtre": "3.5" }')).rejects.toThrow("Cannot use your settings: 1 problem");
  });

  test("is not read where variables decide everything", async () => {
    const env = { CLAUDE_BOTTLE_FILTER: "3.5", CLAUDE_BOTTLE_PLATFORM: "docker" };
    expect((await read("broken", env)).choices.filter).toMatchObject({ by: "CLAUDE_BOTTLE_FILTER" });
  });

  test("stands below XDG_CONFIG_HOME if that is an absolute path", () => {
    const place = (folder?: string) =>
      settingsPath({ env: folder === undefined ? {} : { XDG_CONFIG_HOME: folder }, home: "/home/a" });
    expect(place("/etc/a")).toBe("/etc/a/claude-bottle/settings.jsonc");
    for (const folder of [undefined, "", "relative"]) expect(place(folder)).toBe(`/home/a/${name}`);
  });
});
