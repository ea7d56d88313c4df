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
});
