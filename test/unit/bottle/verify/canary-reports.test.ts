import { CanaryReports } from "../../../../src/bottle/verify/canary-reports.ts";
import { expect, test } from "bun:test";
import { makeLineTerminal } from "../../../../src/bottle/terminal/line-terminal.ts";
import { failureOf } from "../../../support/failure.ts";

const hit = { event: "hit", kind: "tcp", from: "192.0.2.1" } as const;
const listening = { event: "listening", port: 1, addresses: [], dns: false, udp: true } as const;

test("a canary has heard what contains the text, and is worth something as long as more could come", async () => {
  const reports = new CanaryReports();
  reports.take(listening);
  reports.take({ ...hit, text: "GET /t1-host-0" });
  expect(await reports.awaitListening()).toEqual(listening);
  expect([reports.heard("t1-host-"), reports.heard("t1-egress-")]).toEqual([true, false]);
  expect(() => reports.requireListening()).not.toThrow();
});

test("the silence of a canary that has ended is an error and no verdict", () => {
  const reports = new CanaryReports();
  reports.take(listening);
  reports.end("ended: out of memory\u001b[2J");
  expect(() => reports.requireListening()).toThrow(
    "Cannot verify the bottle: a canary ended: out of memory\\x1b[2J",
  );
});

test("one that ends before it listens fails whoever waits for it", async () => {
  const reports = new CanaryReports();
  const waiting = failureOf(reports.awaitListening());
  reports.end("ended: no node");
  reports.end("ended twice");
  expect((await waiting).message).toBe("Cannot verify the bottle: a canary ended: no node");
});

test("a line that is no object is a complaint and ends nothing", async () => {
  const objects: unknown[] = [];
  const complaints: string[] = [];
  const { terminal } = makeLineTerminal(
    (value) => value,
    (one) => objects.push(one),
    (text) => complaints.push(text),
  );
  for (const part of ['{"name":', '"a"}\nwarning: x\n{"broken\n', "[]\n"]) terminal.output.write(part);
  // Cut within a character
  const text = Buffer.from('{"name":"ä"}\n');
  terminal.output.write(text.subarray(0, 10));
  terminal.output.write(text.subarray(10));
  terminal.errorOutput.write("stderr");
  await Bun.sleep(0);
  expect(objects).toEqual([{ name: "a" }, { name: "ä" }]);
  expect(complaints).toEqual(["warning: x\n", '{"broken\n', "[]\n", "stderr"]);
});
