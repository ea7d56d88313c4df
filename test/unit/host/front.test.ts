/** The process that the shell waits for, run as a program of its own: what it passes on, and what it ends with. */
import { describe, expect, onTestFinished, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

setDefaultTimeout(60_000);
const source = join(import.meta.dir, "../../../src/host/front.ts");

/** Said once it takes signals: what it stands in front of may be there earlier */
const listening = "in front\n";

/** With pipes in place of a terminal; `command` is what it stands in front of. */
function inFront(command: readonly string[]) {
  const code = `const { runInFront } = await import(${JSON.stringify(source)});
const ended = runInFront(${JSON.stringify(command)}, { ...process.env, KEPT: "kept" });
process.stdout.write(${JSON.stringify(listening)});
process.exit(await ended);`;
  const child = Bun.spawn([process.execPath, "-e", code], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
  const reader = child.stdout.getReader();
  let text = "";
  const said = async (wanted: string): Promise<string> => {
    while (!text.includes(listening) || !text.replace(listening, "").includes(wanted)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += Buffer.from(value).toString();
    }
    return text.replace(listening, "");
  };
  return { child, said };
}

const shell = (script: string) => inFront(["/bin/sh", "-c", script]);
const program = (script: string) => inFront([process.execPath, "-e", script]);

describe("whoever is in front of a launcher", () => {
  test.each([
    ["exit 0", 0],
    ["exit 3", 3],
    ["kill -HUP $$", 129],
    ["kill -INT $$", 130],
    ["kill -KILL $$", 137],
    ["kill -TERM $$", 143],
  ])("ends as it does: %s", async (script, code) => {
    expect(await shell(script).child.exited).toBe(code);
  });

  test("tells it so in its environment, and gives it what it has itself", async () => {
    const { child, said } = shell('read -r line; echo "$CLAUDE_BOTTLE_FRONT $KEPT $line"');
    child.stdin.write("typed\n");
    await child.stdin.flush();
    expect(await said("\n")).toBe("1 kept typed\n");
  });

  test("ends with 0 once it was left, and the launcher goes on; no other word does that", async () => {
    const left = program(`console.log(process.pid); process.send("left"); setInterval(() => 0, 1e6);`);
    expect(await left.child.exited).toBe(0);
    const pid = Number(await left.said("\n"));
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, "SIGKILL");
    const other = program(
      `process.send("leaf"); process.stdin.on("data", () => process.exit(5)); console.log("up");`,
    );
    await other.said("up");
    other.child.stdin.write("\n");
    await other.child.stdin.flush();
    expect(await other.child.exited).toBe(5);
  });

  test.each(["TERM", "HUP"] as const)("passes SIG%s on", async (name) => {
    const { child, said } = shell(`trap 'exit 7' ${name}; echo up; read -r line; exit 8`);
    await said("up");
    child.kill(`SIG${name}`);
    expect(await child.exited).toBe(7);
  });

  test("passes SIGINT on as a word and not as a signal, since the terminal sends that to both", async () => {
    const { child, said } = program(`process.on("SIGINT", () => process.exit(9));
process.on("message", (word) => process.exit(word === "interrupt" ? 4 : 5)); console.log("up");`);
    await said("up");
    child.kill("SIGINT");
    expect(await child.exited).toBe(4);
  });
});
