import { describe, expect, test } from "bun:test";
import type { Probe } from "../../../../src/bottle/verify/probe.ts";
import { judge } from "../../../../src/bottle/verify/verdicts.ts";

const probe: Probe = {
  name: "host",
  title: "services of the engine's host",
  token: "t1-host-",
  isLeak: (outcome) => outcome === "connected",
  tasks: ["a", "b"].map((name) => ({ kind: "tcp", name, host: "192.0.2.1", port: 1, token: "t1-host-0" })),
};
const perl: Probe = {
  name: "vsock",
  title: "vsock",
  token: undefined,
  isLeak: (outcome) => outcome === "ok",
  tasks: [{ kind: "perl", name: "vsock 0", script: "" }],
};
const nobody = () => undefined;

function verdict(
  answers: Readonly<Record<string, string>>,
  heardBy: (text: string) => string | undefined,
  of = probe,
) {
  const { verdict, detail } = judge(of, new Map(Object.entries(answers)), heardBy);
  return `${verdict}: ${detail}`;
}

describe("a way out", () => {
  test("is closed if every try had an outcome, none got through and no canary heard anything", () => {
    expect(verdict({ a: "silence", b: "ENETUNREACH" }, nobody)).toBe(
      "closed: 2 tries: silence, ENETUNREACH, no canary heard anything",
    );
  });

  test("is a leak if a canary heard it, whatever the probe says", () => {
    expect(
      verdict({ a: "silence", b: "silence" }, (text) => (text === "t1-host-" ? "a canary" : undefined)),
    ).toBe("leak: a canary heard it");
    expect(verdict({}, () => "a canary")).toBe("leak: a canary heard it");
  });

  test("is a leak if one outcome says so, also when others are missing", () => {
    expect(verdict({ b: "connected" }, nobody)).toBe("leak: b: connected");
  });

  test("is unknown if a try had no outcome", () => {
    expect(verdict({ a: "silence" }, nobody)).toBe("unknown: no outcome of 1 of 2 tries");
  });

  test("is not tried if the image lacks what it takes", () => {
    expect(verdict({ "vsock 0": "ENOENT" }, nobody, perl)).toBe("not tried: the image has no perl");
    expect(verdict({ "vsock 0": "" }, nobody, perl)).toBe("unknown: no outcome of 1 of 1 tries");
    expect(verdict({ "vsock 0": "errno 1" }, nobody, perl)).toBe("closed: 1 try: errno 1");
    expect(verdict({ "vsock 0": "ok" }, nobody, perl)).toBe("leak: vsock 0: ok");
  });

  test("shows nothing of an outcome that would act on a terminal", () => {
    expect(verdict({ a: "\u001b[2J", b: "silence" }, nobody)).toBe(
      "closed: 2 tries: \\x1b[2J, silence, no canary heard anything",
    );
  });

  test("that is tried by a program and by hand is judged by what each said, and not as if a program were missing", () => {
    const both: Probe = { ...perl, tasks: [...perl.tasks, ...probe.tasks] };
    const answers = { "vsock 0": "ENOENT", a: "silence", b: "silence" };
    expect(verdict(answers, nobody, both)).toBe("closed: 3 tries: ENOENT, silence");
  });

  test("is told with at most four kinds of outcome, each of at most 40 characters", () => {
    const names = ["a", "b", "c", "d", "e"];
    const many = {
      ...probe,
      token: undefined,
      tasks: names.map((name) => ({ ...probe.tasks[0], name })),
    } as Probe;
    const told = verdict(Object.fromEntries(names.map((name) => [name, name])), nobody, many);
    expect(told).toBe("closed: 5 tries: a, b, c, d");
    const long = (length: number) => verdict({ a: "x".repeat(length), b: "x".repeat(length) }, nobody);
    expect(long(40)).toBe(`closed: 2 tries: ${"x".repeat(40)}, no canary heard anything`);
    expect(long(41)).toBe(`closed: 2 tries: ${"x".repeat(40)}…, no canary heard anything`);
  });

  test("that leaks is told with no more than 200 characters, none of which acts on a terminal", () => {
    const leak = (length: number) =>
      verdict({ a: `connected${"\u001b".repeat(length)}` }, nobody, { ...probe, isLeak: () => true });
    expect(leak(500)).toHaveLength("leak: ".length + 200);
    expect(leak(1)).toBe("leak: a: connected\\x1b");
  });

  test("that one of two programs is missing for has not been tried, whatever the other said", () => {
    const two = { ...perl, tasks: [...perl.tasks, { kind: "perl", name: "vsock 1", script: "" }] } as Probe;
    expect(verdict({ "vsock 0": "errno 1", "vsock 1": "ENOENT" }, nobody, two)).toBe(
      "not tried: the image has no perl",
    );
  });

  test("is heard by no canary where none is involved", () => {
    expect(verdict({ "vsock 0": "errno 1" }, () => "a canary", perl)).toBe("closed: 1 try: errno 1");
  });
});
