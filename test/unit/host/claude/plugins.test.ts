import { describe, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { failureOf } from "../../../support/failure.ts";
import { aHook, readOwn } from "../../../support/read-own-claude.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

describe("plugins", () => {
  const aPlugin = async (installed: (home: string) => unknown = (home) => [entry(home)]) => {
    const home = await aFolder({
      ".claude/plugins/cache/m/p/1.0/.claude-plugin/plugin.json": "{}",
      ".claude/plugins/cache/m/p/1.0/hooks/hooks.json": JSON.stringify({
        hooks: { Stop: aHook("uv run x") },
      }),
      ".claude/plugins/cache/m/p/1.0/.git/config": "x",
    });
    const note = { version: 2, plugins: { "p@m": installed(home) } };
    await putFiles(home, { ".claude/plugins/installed_plugins.json": JSON.stringify(note) });
    return home;
  };
  const entry = (home: string, more = {}) => ({
    scope: "user",
    installPath: `${home}/.claude/plugins/cache/m/p/1.0`,
    version: "1.0",
    ...more,
  });

  test("go in whole, without version control, from where Claude Code installed them for the user", async () => {
    const home = await aPlugin((one) => [entry(one, { scope: "project", installPath: "/none" }), entry(one)]);
    await symlink("/etc", join(home, ".claude/plugins/cache/m/p/1.0/out"));
    const [plugin] = (await readOwn(home, { plugins: ["p@m"] })).plugins;
    expect(plugin).toMatchObject({
      name: "p@m",
      version: "1.0",
      leftOut: ["out"],
      hasServers: false,
      programs: ["uv"],
    });
    const files = plugin?.files.filter((one) => one.kind === "file").map((one) => one.path);
    expect(files?.toSorted()).toEqual([".claude-plugin/plugin.json", "hooks/hooks.json"]);
  });

  test("say that they have servers", async () => {
    const home = await aPlugin();
    await putFiles(home, { ".claude/plugins/cache/m/p/1.0/.mcp.json": "{}" });
    expect((await readOwn(home, { plugins: ["p@m"] })).plugins[0]?.hasServers).toBe(true);
  });

  test("that are not installed are errors that name those that are", async () => {
    const error = await failureOf(readOwn(await aPlugin(), { plugins: ["x@m"] }));
    expect(error.message).toBe('Cannot find plugin "x@m": it is not installed on this machine');
    expect(error.details).toEqual(["Installed: p@m"]);
    expect((await failureOf(readOwn(await aFolder(), { plugins: ["x@m"] }))).details).toEqual([]);
    expect((await failureOf(readOwn(await aPlugin(), { plugins: ["toString@m"] }))).code).toBe("input");
  });

  test("are no folder elsewhere, whatever the list of them says, nor by a link", async () => {
    const elsewhere = await aFolder({ a: "" });
    const home = await aPlugin((one) => [entry(one, { installPath: elsewhere })]);
    const problem = `Cannot use plugin "p@m": its folder "${elsewhere}" is not in "${home}/.claude/plugins"`;
    expect((await failureOf(readOwn(home, { plugins: ["p@m"] }))).message).toBe(problem);
    const linked = await aPlugin((one) => [entry(one, { installPath: `${one}/.claude/plugins/link` })]);
    await symlink(elsewhere, join(linked, ".claude/plugins/link"));
    expect((await failureOf(readOwn(linked, { plugins: ["p@m"] }))).message).toContain("is not in");
    const gone = await aPlugin((one) => [entry(one, { installPath: `${one}/.claude/plugins/none` })]);
    expect((await failureOf(readOwn(gone, { plugins: ["p@m"] }))).message).toEndWith("is not there");
  });

  test("with a credential or a list that cannot be read are errors", async () => {
    const home = await aPlugin();
    await putFiles(home, { ".claude/plugins/cache/m/p/1.0/.env": "A=1" });
    expect((await failureOf(readOwn(home, { plugins: ["p@m"] }))).message).toBe(
      'Cannot use plugin "p@m": ".env" in it holds a credential',
    );
    await putFiles(home, { ".claude/plugins/installed_plugins.json": '{"plugins":1}' });
    expect((await failureOf(readOwn(home, { plugins: ["p@m"] }))).message).toEndWith(
      "it is not what Claude Code writes there",
    );
  });
});
