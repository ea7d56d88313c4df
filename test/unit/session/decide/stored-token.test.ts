import { describe, expect, test } from "bun:test";
import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { World } from "../../../../src/host/world.ts";
import {
  findTokenOrigin,
  forgetToken,
  keepToken,
  takeStoredToken,
} from "../../../../src/session/decide/stored-token.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder } from "../../../support/temporary.ts";

const token = "sk-ant-oat01-of_a-test";

/** Keeps what it is given on stdin, and notes its words; `$0.kept` is the keychain */
const secretTool = `#!/bin/sh
echo "$@" >>"$0.words"
case $1 in
store) cat >"$0.kept" ;;
lookup) cat "$0.kept" 2>/dev/null || exit 1 ;;
clear) rm -f "$0.kept" ;;
esac
`;
/** Reads a command a line, as \`security -i\` does */
const security = `#!/bin/sh
echo "$@" >>"$0.words"
read -r act rest
case $act in
add-generic-password) echo "\${rest##* }" >"$0.kept" ;;
find-generic-password) cat "$0.kept" 2>/dev/null || exit 44 ;;
delete-generic-password) rm "$0.kept" 2>/dev/null || exit 44 ;;
esac
`;

async function aWorld(platform: "linux" | "darwin", env: Record<string, string> = {}) {
  const folder = await aFolder();
  const programs = join(folder, "programs");
  await mkdir(programs);
  const tool = join(programs, platform === "linux" ? "secret-tool" : "security");
  await writeFile(tool, platform === "linux" ? secretTool : security);
  await chmod(tool, 0o755);
  const PATH = `${programs}:/usr/bin:/bin`;
  const world = { env: { PATH, ...env }, home: folder, cwd: folder, platform, uid: 7 } as unknown as World;
  return { world, folder, words: () => readFile(`${tool}.words`, "utf8") };
}

describe.each(["linux", "darwin"] as const)("a token in the keychain of %s", (platform) => {
  test("goes in and out by pipes, is found without asking, and forgotten", async () => {
    const { world, folder, words } = await aWorld(platform);
    expect(await findTokenOrigin(world)).toBeUndefined();
    await keepToken(world, `${token}\n`);
    expect(await findTokenOrigin(world)).toBe("keychain");
    const env = await takeStoredToken(world, "keychain");
    expect(env["CLAUDE_BOTTLE_OAUTH_TOKEN"]).toBe(token);
    expect(await words()).not.toContain(token);
    const state = await readdir(join(folder, ".local/state/claude-bottle"));
    expect(state).toEqual(["login"]);
    expect(await readFile(join(folder, ".local/state/claude-bottle/login"), "utf8")).not.toContain("sk-");
    await forgetToken(world);
    expect(await findTokenOrigin(world)).toBeUndefined();
    const error = await failureOf(takeStoredToken(world, "keychain"));
    expect(error.hint).toContain("claude-bottle login");
  });

  test("is not put in if it is none, and nothing of it is shown", async () => {
    const { world } = await aWorld(platform);
    for (const text of ["sk-ant-oat01-a b", "sk-ant-oat01-a\nsk-ant-x", "other-secret", "", "sk-ant-a;b"]) {
      const error = await failureOf(keepToken(world, text));
      expect(error.message).toBe("Cannot use the token: it is not one word that begins with sk-ant-");
    }
    expect(await findTokenOrigin(world)).toBeUndefined();
  });
});

test("a keychain without its program is named with what to install", async () => {
  const { world } = await aWorld("darwin");
  const error = await failureOf(keepToken({ ...world, platform: "linux" } as World, token));
  expect(error.message).toBe('Cannot use the keychain: "secret-tool" is not on the PATH');
  expect(error.hint).toContain("libsecret-tools");
});

describe("CLAUDE_BOTTLE_TOKEN_COMMAND", () => {
  test("prints the token, and goes before the keychain", async () => {
    const { world } = await aWorld("linux", {
      CLAUDE_BOTTLE_TOKEN_COMMAND: 'printf "%s\\n" "$START"-api03-x',
      START: "sk-ant",
    });
    await keepToken(world, token);
    expect(await findTokenOrigin(world)).toBe("command");
    expect((await takeStoredToken(world, "command"))["ANTHROPIC_API_KEY"]).toBe("sk-ant-api03-x");
  });

  test.each([
    ["exit 3", "ended with 3"],
    ["echo Enter your password:", "it is not one word"],
    ["head -c 200000 /dev/zero | tr '\\0' a", "ended with"],
  ])("fails by %s without showing what came", async (command, state) => {
    const { world } = await aWorld("linux", { CLAUDE_BOTTLE_TOKEN_COMMAND: command });
    const error = await failureOf(takeStoredToken(world, "command"));
    expect(error.message).toContain(state);
    expect(error.message).not.toContain("password");
  });
});
