/** What the gate says, to a launcher that reads and to one that does not: run as a program of its own, since it speaks on stdout. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const events = join(import.meta.dir, "../../../../src/sidecar/gate/events.ts");

/** Runs a text with `emit` and `fail` at hand, and gives what it said. `waiting` is how many bytes are said to wait in front. */
async function say(text: string, waiting = 0) {
  const program = `
    import { emit, fail } from ${JSON.stringify(events)};
    let waiting = ${waiting};
    Object.defineProperty(process.stdout, "writableLength", { get: () => waiting });
    ${text}`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "pipe" });
  const said = await new Response(child.stdout).text();
  return { code: await child.exited, lines: said.split("\n").filter(Boolean), said };
}

const mebibyte = 1024 * 1024;
const one = (event: string) => `emit({ event: "${event}" });`;
const kindsOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).event);

test("each event is a line of JSON with its time", async () => {
  const { lines } = await say(`emit({ event: "attempt", host: "a\\n.test" });`);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ event: "attempt", host: "a\n.test" });
  expect(JSON.parse(lines[0] ?? "").time).toMatch(/^\d{4}-.*Z$/);
});

test.each<[string, number]>([
  ["attempt", mebibyte],
  ["closed", mebibyte],
  ["api", mebibyte],
  ["secret", 2 * mebibyte],
])(
  "what an agent can cause without end is kept while no more than its share waits: %s",
  async (event, most) => {
    expect(kindsOf((await say(one(event), most)).lines)).toEqual([event]);
    expect((await say(one(event), most + 1)).lines).toEqual([]);
  },
);

test("what answers the launcher is never left out", async () => {
  for (const event of ["policy", "pong", "ready"])
    expect(kindsOf((await say(one(event), 100 * mebibyte)).lines)).toEqual([event]);
});

test("what was left out is counted once, in front of the next that is told", async () => {
  const text = `${one("attempt")} ${one("closed")} ${one("attempt")} waiting = 0; ${one("attempt")} ${one("attempt")}`;
  const { lines } = await say(text, 3 * mebibyte);
  expect(kindsOf(lines)).toEqual(["dropped", "attempt", "attempt"]);
  expect(JSON.parse(lines[0] ?? "").count).toBe(3);
});

test("a gate that cannot go on says why on a line of its own and is over", async () => {
  const { code, said } = await say(`fail(new Error("no port")); ${one("attempt")}`);
  expect(code).toBe(1);
  expect(JSON.parse(said)).toMatchObject({ event: "fatal" });
  const behind = await say(`fail(new Error("no port"));`, 1);
  expect(behind.said).toStartWith("\n{");
});
