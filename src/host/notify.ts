/** Telling the user something where no command of ours is in front of them: the bell of a terminal, and the desktop's notification. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { World } from "./world.ts";

/** The desktop's own programs; the one that is there is used */
const programs: Readonly<Record<string, (title: string, text: string) => string[]>> = {
  "notify-send": (title, text) => ["--app-name=claude-bottle", "--", title, text],
  // The words are arguments of the script and no part of its text
  osascript: (title, text) => [
    "-e",
    "on run argv",
    "-e",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "-e",
    "end run",
    title,
    text,
  ],
};

/** Longer than a desktop that is there takes; without a message bus notify-send waits for one that never comes */
const limitMs = 10_000;

/** What leads to the user's desktop. The environment of a bottle's launcher may hold a token that was typed in, which is for nobody else */
const desktopVariables = [
  "PATH",
  "HOME",
  "LANG",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
];

/** Never fails: a terminal that is gone and a desktop that is none cannot be told anything. */
export async function notify(
  env: World["env"],
  terminalPath: string | undefined,
  title: string,
  text: string,
): Promise<void> {
  await Promise.all([
    terminalPath === undefined ? undefined : ringBell(terminalPath).catch(() => undefined),
    showOnDesktop(env, title, text).catch(() => undefined),
  ]);
}

/** Opened for this moment only, never as our own terminal, and never waited for. */
async function ringBell(path: string): Promise<void> {
  const terminal = await open(path, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    await terminal.write("\u0007");
  } finally {
    await terminal.close();
  }
}

async function showOnDesktop(env: World["env"], title: string, text: string): Promise<void> {
  for (const [name, makeWords] of Object.entries(programs)) {
    const program = Bun.which(name, { PATH: env["PATH"] ?? "" });
    if (program === null) continue;
    const child = Bun.spawn([program, ...makeWords(title, text)], {
      env: Object.fromEntries(desktopVariables.flatMap((key) => (env[key] ? [[key, env[key]]] : []))),
      timeout: limitMs,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    child.unref();
    await child.exited;
    return;
  }
}
