import { expect, test } from "bun:test";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { notify } from "../../../src/host/notify.ts";
import { aFolder } from "../../support/temporary.ts";

/** Notes each of its words in brackets, and the names of its variables; the shell adds three of its own */
const program = `#!/bin/sh
for word; do echo "[$word]"; done >"$0.words"
/usr/bin/env | /usr/bin/cut -d= -f1 | /bin/grep -vxE "PWD|OLDPWD|SHLVL|_" | /usr/bin/sort >"$0.names"
`;

async function aDesktop(...names: readonly string[]) {
  const folder = await aFolder({ terminal: "" });
  const programs = join(folder, "programs");
  await mkdir(programs);
  for (const name of names) {
    await writeFile(join(programs, name), program);
    await chmod(join(programs, name), 0o755);
  }
  const read = (name: string) => readFile(join(programs, name), "utf8").catch(() => undefined);
  return {
    terminal: join(folder, "terminal"),
    bells: () => readFile(join(folder, "terminal"), "utf8"),
    env: { PATH: programs, HOME: folder },
    words: (name: string) => read(`${name}.words`),
    names: (name: string) => read(`${name}.names`),
  };
}

test("the bell is rung once, and title and text are words behind all options", async () => {
  const { env, terminal, bells, words } = await aDesktop("notify-send");
  await notify(env, terminal, "-title", "--text $(x)");
  expect(await bells()).toBe("\u0007");
  expect(await words("notify-send")).toBe("[--app-name=claude-bottle]\n[--]\n[-title]\n[--text $(x)]\n");
});

test("the first program that is there is the only one that is run", async () => {
  const both = await aDesktop("notify-send", "osascript");
  await notify(both.env, undefined, "a", "b");
  expect(await both.words("notify-send")).toEndWith("[a]\n[b]\n");
  expect(await both.words("osascript")).toBeUndefined();
  expect(await both.bells()).toBe("");
});

test("on macOS the words are arguments of a script of which they are no part", async () => {
  const { env, words } = await aDesktop("osascript");
  await notify(env, undefined, 'a" & (do shell script "x")', "b");
  const script = [
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
  ];
  expect(await words("osascript")).toBe(
    [...script.flatMap((line) => ["-e", line]), 'a" & (do shell script "x")', "b"]
      .map((word) => `[${word}]\n`)
      .join(""),
  );
});

test("only what leads to the desktop is in its environment; control: without the list a token would be", async () => {
  const desktop = {
    LANG: "C",
    DISPLAY: ":0",
    WAYLAND_DISPLAY: "w",
    XAUTHORITY: "x",
    XDG_RUNTIME_DIR: "/run/x",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/x/bus",
  };
  const { env, names } = await aDesktop("notify-send");
  await notify({ ...env, ...desktop, CLAUDE_BOTTLE_OAUTH_TOKEN: "sk-ant-x" }, undefined, "a", "b");
  expect(await names("notify-send")).toBe(
    `${[...Object.keys(desktop), "HOME", "PATH"].toSorted().join("\n")}\n`,
  );
});

test("a terminal that is gone does not keep the desktop from being told, nor the other way round", async () => {
  const gone = await aDesktop("notify-send");
  await notify(gone.env, `${gone.terminal}/none`, "a", "b");
  expect(await gone.words("notify-send")).toEndWith("[a]\n[b]\n");
  const bare = await aDesktop();
  await notify(bare.env, bare.terminal, "a", "b");
  await notify({}, bare.terminal, "a", "b");
  expect(await bare.bells()).toBe("\u0007");
});
