/** A launcher that leaves its session, run as a program of its own: whoever started this test must not lose its terminal. */
import { describe, expect, onTestFinished, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

setDefaultTimeout(60_000);
const host = join(import.meta.dir, "../../../src/host");
const begin = `const { openWayOut } = await import(${JSON.stringify(join(host, "way-out.ts"))});
const { watchSignals } = await import(${JSON.stringify(join(host, "signals.ts"))});`;

/** A program with somebody in front of it; `words` is what it has said to that one. */
function launch(code: string) {
  const words: unknown[] = [];
  let heard = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, "-e", `${begin}\n${code}`], {
    stdio: ["ignore", "ignore", "ignore"],
    ipc: (word) => {
      words.push(word);
      heard.resolve();
      heard = Promise.withResolvers<void>();
    },
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await child.exited;
  });
  const said = async (word: unknown) => {
    while (!words.includes(word)) await heard.promise;
  };
  return { child, words, said };
}

const leaving = `const out = openWayOut(true);
process.on("message", (word) => { if (word === "leave") { out.leave(); out.leave(); process.send("was left"); } });
process.on("disconnect", () => process.exit(6));
process.send("up");`;

describe("a launcher with somebody in front", () => {
  test("says once that it has left, and goes on when the other one has ended", async () => {
    const { child, words, said } = launch(leaving);
    await said("up");
    child.send("leave");
    await said("was left");
    expect(words).toEqual(["up", "left", "was left"]);
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1");
      const session = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
      expect(session).toBe(String(child.pid));
    }
    child.disconnect();
    expect(await child.exited).toBe(6);
  });

  test("ends as if it were killed when the other one has ended and it has not left", async () => {
    const { child, said } = launch(leaving);
    await said("up");
    child.disconnect();
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
  });

  test.each([
    [300, 0],
    [301, 1],
  ])("takes an interruption %d ms after a SIGINT for %d more", async (ms, count) => {
    const { child, said } = launch(`let now = 1000;
performance.now = () => now;
let interrupted = 0;
const watch = watchSignals(process.stdout);
process.on("SIGINT", () => (interrupted += 1));
openWayOut(true);
const wait = setTimeout;
process.kill(process.pid, "SIGINT");
while (interrupted === 0) await new Promise((done) => wait(done, 1));
now += ${ms};
// What it waits for the same key to come the other way has passed
globalThis.setTimeout = (act) => act();
process.on("message", () => wait(() => process.exit(20 + interrupted), 100));
process.send("up");`);
    await said("up");
    child.send("interrupt");
    expect(await child.exited).toBe(21 + count);
  });

  test("does nothing at another word", async () => {
    const { child, said } = launch(`process.on("SIGINT", () => process.exit(9));
openWayOut(true);
const wait = setTimeout;
globalThis.setTimeout = (act) => act();
process.on("message", () => wait(() => process.exit(7), 100));
process.send("up");`);
    await said("up");
    child.send("something");
    expect(await child.exited).toBe(7);
  });

  test("is what has both a way to speak to it and the word that it is there", async () => {
    const { child } = launch("process.exit(openWayOut(false) === undefined ? 3 : 4);");
    expect(await child.exited).toBe(3);
    const alone = Bun.spawn(
      [process.execPath, "-e", `${begin} process.exit(openWayOut(true) === undefined ? 3 : 4);`],
      { stdio: ["ignore", "ignore", "ignore"] },
    );
    expect(await alone.exited).toBe(3);
  });
});
