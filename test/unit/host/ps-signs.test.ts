import { describe, expect, test } from "bun:test";
import { psWords, readPs } from "../../../src/host/ps-signs.ts";

describe("what ps tells", () => {
  test("is read as macOS writes it, without what has ended", () => {
    const text = [
      "    1     0 Ss     1:23.45",
      "  412     1 S      0:00.07",
      " 9001   412 S+    12:00.00",
      "  413     1 Z      0:00.00",
      "",
    ].join("\n");
    expect(readPs(text)).toEqual([
      { pid: 1, parent: 0, work: "1:23.45" },
      { pid: 412, parent: 1, work: "0:00.07" },
      { pid: 9001, parent: 412, work: "12:00.00" },
    ]);
  });

  test.each(["R", "R+", "D", "U", "Us"])("of one in the state %s is another work each time", (state) => {
    const line = `5 1 ${state} 0:01.00\n`;
    const [one, other] = [readPs(line)[0], readPs(line)[0]];
    expect(one?.work).toStartWith("0:01.00,");
    expect(one?.work).not.toBe(other?.work ?? "");
  });

  test.each(["S", "I", "SR", "T"])("of one in the state %s is the same until its time goes on", (state) => {
    expect(readPs(`5 1 ${state} 0:01.00\n`)[0]?.work).toBe("0:01.00");
    expect(readPs(`5 1 ${state} 0:01.01\n`)[0]?.work).toBe("0:01.01");
  });

  test("is nothing where it says something else", () => {
    expect(readPs("ps: illegal option -- o\nusage: ps [-AaCcEefhjlMmrSTvwXx]\n")).toEqual([]);
  });

  test.skipIf(Bun.which("ps") === null)("has this process and its parent, asked as it is asked", async () => {
    const child = Bun.spawn(["ps", ...psWords], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    const signs = readPs(await new Response(child.stdout).text());
    expect(signs).toContainEqual({ pid: process.pid, parent: process.ppid, work: expect.any(String) });
  });
});
