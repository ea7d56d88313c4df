/** A command in a bottle, from the side of the terminal that it is given. */
import { describe, expect, test } from "bun:test";
import type { Part, OpenOptions } from "../../../../src/bottle/platform/part.ts";
import { enterBottle, wrapCommand } from "../../../../src/bottle/running/enter-bottle.ts";
import type { SessionTerminal } from "../../../../src/core/terminal.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

interface World {
  readonly isTerminal?: boolean;
  readonly exitCode?: number | undefined;
  /** What the output ends with */
  readonly forward?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Runs a command; `acts` is what was done to the bottle and to the terminal, in order. */
function enter({ isTerminal = true, forward, signal, ...more }: World = {}) {
  const acts: string[] = [];
  const opened: OpenOptions[] = [];
  const killed: string[] = [];
  const agent = {
    open: (options: OpenOptions) => {
      opened.push(options);
      return Promise.resolve({
        stream: {
          forward: () => {
            acts.push("forward");
            return forward?.() ?? Promise.resolve();
          },
          write: () => undefined,
          endInput: () => undefined,
          destroy: () => void acts.push("destroy"),
        },
        resize: (columns: number, rows: number) => {
          acts.push(`size ${columns}x${rows}`);
          return Promise.reject(new Error("too early"));
        },
        exitCode: () => Promise.resolve("exitCode" in more ? more.exitCode : 7),
      });
    },
    run: ({ command }: { command: readonly string[] }) => {
      killed.push(command.at(-1) ?? "");
      return Promise.reject(new Error("it is gone"));
    },
  } as unknown as Part;
  const terminal = {
    isTerminal,
    environment: { TERM: "xterm" },
    size: () => ({ columns: 80, rows: 24 }),
    enterRaw: () => void acts.push("raw"),
    restore: () => void acts.push("restore"),
    onResize: () => () => void acts.push("sizes no more"),
    input: { read: () => () => void acts.push("input no more") },
  } as unknown as SessionTerminal;
  const command = ["ls", "-l"];
  const outcome = enterBottle(agent, { command, terminal, signal: signal ?? new AbortController().signal });
  return { acts, opened, killed, outcome };
}

describe("a command in a bottle", () => {
  test("has the terminal while it runs, which is as before when it has ended", async () => {
    const { acts, opened, outcome } = enter();
    expect(await outcome).toBe(7);
    expect(acts).toEqual([
      "size 80x24",
      "raw",
      "forward",
      "input no more",
      "sizes no more",
      "restore",
      "destroy",
    ]);
    expect(opened[0]).toMatchObject({ workingDir: "/home/node/workspace", size: { columns: 80, rows: 24 } });
    expect(opened[0]?.command.slice(-2)).toEqual(["ls", "-l"]);
    expect(opened[0]?.env).toHaveLength(2);
    expect(opened[0]?.env).toContain("TERM=xterm");
  });

  test("without a terminal has none, and nothing of the user's", async () => {
    const { acts, opened, outcome } = enter({ isTerminal: false });
    await outcome;
    expect(acts).toEqual(["raw", "forward", "input no more", "restore", "destroy"]);
    expect(opened[0]?.size).toBeUndefined();
    expect(opened[0]?.env.map((one) => one.replace(/=.*/, ""))).toEqual(["CLAUDE_BOTTLE_EXEC"]);
  });

  test("that fails gives the terminal back, and is not looked for among the bottle's programs", async () => {
    const { acts, killed, outcome } = enter({ forward: () => Promise.reject(new Error("cut")) });
    expect(await outcome.catch((error: Error) => error.message)).toBe("cut");
    expect(acts.slice(-4)).toEqual(["input no more", "sizes no more", "restore", "destroy"]);
    expect(killed).toEqual([]);
  });

  test("whose bottle is gone has no exit code to tell", async () => {
    const error = await failureOf(enter({ exitCode: undefined }).outcome);
    expect([error.message, error.exitCode]).toEqual([
      "Cannot tell how the command ended: its bottle is gone",
      125,
    ]);
  });

  test("is found by its own mark and ended when a signal comes, and the signal is what is told", async () => {
    const controller = new AbortController();
    const reason = new Error("a signal came");
    const forward = () => {
      controller.abort(reason);
      return new Promise<void>(() => undefined);
    };
    const { opened, killed, outcome } = enter({ forward, signal: controller.signal });
    expect(await outcome.catch((error: unknown) => error)).toBe(reason);
    expect(killed).toEqual([opened[0]?.env[0] ?? "none"]);
    expect(killed[0]).toMatch(/^CLAUDE_BOTTLE_EXEC=[0-9a-f-]{36}$/);
    const [first] = enter().opened;
    expect(first?.env[0]).not.toBe(killed[0]);
  });

  test("is not begun after a signal", async () => {
    const controller = new AbortController();
    controller.abort(new Error("a signal came"));
    const { opened, outcome } = enter({ signal: controller.signal });
    expect(await outcome.catch((error: Error) => error.message)).toBe("a signal came");
    expect(opened).toEqual([]);
  });
});

describe("the environment of a command", () => {
  /** What the command gets where these are the processes, by their ids: of each its stat and its environment. */
  async function environmentAmong(
    processes: Readonly<Record<string, readonly [string, string]>>,
    hasBash = false,
  ) {
    const folder = await aFolder();
    await putFiles(
      folder,
      Object.fromEntries(
        Object.entries(processes).flatMap(([id, [stat, environment]]) => [
          [`${id}/stat`, stat],
          [`${id}/environ`, environment],
        ]),
      ),
    );
    const command = wrapCommand(["env"], { hasBash }).map((word) => word.replaceAll("/proc/", `${folder}/`));
    const child = Bun.spawn(command, { env: { PATH: process.env["PATH"] ?? "" }, stdout: "pipe" });
    return (await new Response(child.stdout).text()).split("\n");
  }

  test.each([
    ["is looked for", false],
    ["is known", true],
  ])(
    "is that of the first child of the first process, with variables named as the script's own, where bash %s",
    async (_, hasBash) => {
      const processes = {
        1: ["1 (tini) S 0 1 1 0", "WHO=first\0"],
        8: ["8 (node) S 1 8 8 0", "WHO=claude\0stat=theirs\0LINES=one\ntwo\0EMPTY=\0no name\0LAST=of all"],
        9: ["9 (sh) S 8 8 8 0", "WHO=child\0"],
        12: ["12 (left) S 1 8 8 0", "WHO=left\0"],
      } as const;
      const environment = await environmentAmong(processes, hasBash);
      expect(environment).toContain("WHO=claude");
      expect(environment).toContain("stat=theirs");
      expect(environment.join("\n")).toContain("LINES=one\ntwo\n");
      expect(environment).toContain("EMPTY=");
      expect(environment).toContain("LAST=of all");
      expect(environment.some((line) => line.startsWith("claude_environ"))).toBe(false);
    },
  );

  test("is looked for by the program that is known to be there, and by no other", () => {
    expect(wrapCommand(["env"], { hasBash: true }).slice(0, 2)).toEqual(["/bin/bash", "-c"]);
    // The control: an image that says nothing may have none
    expect(wrapCommand(["env"], { hasBash: false }).slice(0, 2)).toEqual(["/bin/sh", "-c"]);
  });

  test("is not that of a process whose name looks like such a child's line", async () => {
    const environment = await environmentAmong({
      3: ["3 (a) S 1 3) S 8 8 8 0", "WHO=spoofed\0"],
      4: ["4 (a\n4 (b) S 1 ) S 8 8 8 0", "WHO=spoofed\0"],
      5: ["5 (c) S 11 8 8 0", "WHO=eleven\0"],
      6: ["", "WHO=gone\0"],
      8: ["8 (d) R) S 1 8 8 0", "WHO=claude\0"],
    });
    expect(environment).toContain("WHO=claude");
  });
});
