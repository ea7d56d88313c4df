import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import { pathWithBinary } from "../support/on-path.ts";
import { runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

setDefaultTimeout(30_000);
const manifest =
  '{ "bottles": { "b": {} }, "agents": { "helper": { "bottle": "b" }, "hello": { "bottle": "b" } } }';
const noEngine = "unix:///nonexistent/engine.sock";

/** Words of a command line, the last one being typed → what the shell offers. */
type Complete = (words: readonly string[]) => Promise<string[]>;

async function runShell(command: readonly string[]): Promise<string[]> {
  const home = await aFolder({ "claude-bottle.json": manifest });
  const { stdout, stderr, exitCode } = await tryTool(command, {
    cwd: home,
    env: { PATH: await pathWithBinary(), HOME: home, DOCKER_HOST: noEngine, TERM: "dumb", LC_ALL: "C.UTF-8" },
  });
  if (exitCode !== 0) throw new Error(`${command[0]} ended with ${exitCode}: ${stderr}`);
  return stdout.split("\n").filter(Boolean);
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");

/** Each shell's own machinery, without a terminal. */
const shells: Readonly<Record<string, Complete>> = {
  bash: (words) =>
    runShell([
      "bash",
      "--norc",
      "--noprofile",
      "-c",
      `source <(claude-bottle completion bash)
       complete -p claude-bottle >/dev/null
       COMP_WORDS=(claude-bottle ${quoted(words)}) COMP_CWORD=${words.length}
       _claude_bottle
       printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]),
  // The function that would draw the menu prints what it would draw
  zsh: async (words) =>
    (
      await runShell([
        "zsh",
        "-f",
        "-c",
        `autoload -Uz compinit && compinit -u -D
         source <(claude-bottle completion zsh)
         [[ -n "\${_comps[claude-bottle]}" ]] || exit 9
         _describe() { print -rl -- "\${(@P)2}" }
         words=(claude-bottle ${quoted(words)}) CURRENT=${words.length + 1}
         _claude_bottle`,
      ])
    ).map((line) => line.replace(/:.*/, "")),
  fish: async (words) =>
    (
      await runShell([
        "fish",
        "--no-config",
        "-c",
        `claude-bottle completion fish | source; complete -C "claude-bottle ${words.join(" ")}"`,
      ])
    ).map((line) => line.replace(/\t.*/, "")),
};

describe.each(Object.entries(shells))("completion in %s", (shell, complete) => {
  const has = Bun.which(shell) !== null;
  if (!has) console.warn(`Skipping completion in ${shell}: it is not installed`);

  test.skipIf(!has)("offers commands that begin so", async () => {
    expect(await complete(["st"])).toEqual(["start", "stop"]);
    expect(await complete(["supervis"])).toEqual([]);
  });

  test.skipIf(!has)("offers the agents of the manifest, without an engine", async () => {
    expect((await complete(["start", ""])).toSorted()).toEqual(["hello", "helper"]);
    expect(await complete(["start", "--yes", "helpe"])).toEqual(["helper"]);
    expect(await complete(["start", "helper", ""])).toEqual([]);
  });

  test.skipIf(!has)("offers flags that are not there yet", async () => {
    expect(await complete(["start", "hello", "--d"])).toEqual(["--detach", "--dry-run"]);
    expect(await complete(["start", "--detach", "--d"])).toEqual(["--dry-run"]);
  });

  test.skipIf(!has)("offers files for a copy, also on the other side of a bottle's path", async () => {
    expect(await complete(["cp", "claude"])).toEqual(["claude-bottle.json"]);
    const words = shell === "bash" ? ["hello-x", ":", "a"] : ["hello-x:a"];
    expect(await complete(["cp", ...words, "claude"])).toEqual(["claude-bottle.json"]);
    expect(await complete(["cp", ...words])).toEqual([]);
  });

  test.skipIf(!has)("offers nothing behind -- and nothing where no engine answers", async () => {
    expect(await complete(["start", "hello", "--", "st"])).toEqual([]);
    expect(await complete(["attach", ""])).toEqual([]);
  });
});

describe("claude-bottle complete-words", () => {
  test("is fast enough for a Tab", async () => {
    const cwd = await aFolder({ "claude-bottle.json": manifest });
    const measure = async (words: readonly string[]) => {
      const times: number[] = [];
      for (let run = 0; run < 5; run += 1) {
        const start = performance.now();
        await runBinary(words, { cwd });
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    // Beside the program that does nothing else than to start
    expect(
      (await measure(["complete-words", "--", "start", ""])) / (await measure(["--version"])),
    ).toBeLessThan(20);
  });

  test("says nothing of a manifest that is broken", async () => {
    const cwd = await aFolder({ "claude-bottle.json": "{ broken" });
    expect(await runBinary(["complete-words", "--", "start", ""], { cwd })).toEqual({
      stdout: "",
      stderr: "",
      exitCode: 0,
    });
  });
});
