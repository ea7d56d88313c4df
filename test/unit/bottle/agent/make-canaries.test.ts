import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { makeCanaries } from "../../../../src/bottle/agent/make-canaries.ts";
import { canaryKinds, canaryPlaces } from "../../../../src/core/canaries.ts";
import type { CanaryKind } from "../../../../src/core/canaries.ts";

const plans = canaryKinds.map((kind) => ({ kind, place: canaryPlaces[kind] }));
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function make(kind: CanaryKind) {
  const found = makeCanaries(plans).find((one) => one.kind === kind);
  if (!found) throw new Error(`No canary of kind ${kind}`);
  return found;
}

describe("made-up credentials", () => {
  test("are new for each session, and what is looked for is all in the file", () => {
    const [first, second] = [makeCanaries(plans), makeCanaries(plans)];
    expect(first.map((one) => one.kind)).toEqual([...canaryKinds]);
    const values = [...first, ...second].flatMap((one) => one.values);
    expect(new Set(values).size).toBe(values.length);
    for (const { content, values: looked } of first) {
      expect(looked.length).toBeGreaterThan(0);
      for (const one of looked) expect(content.split(one)).toHaveLength(2);
    }
  });

  test("are not made where the plan leaves them out", () => {
    const [aws, ...rest] = plans;
    expect(makeCanaries([{ ...aws!, obstacle: "the bottle is given ~/.aws/" }, ...rest])).toHaveLength(4);
  });

  test.each(["github", "npm"] as const)("of %s have the sum that scanners check", (kind) => {
    for (const value of make(kind).values) {
      const [, body = "", sum = ""] = /^(?:ghp|npm)_([A-Za-z0-9]{30})([A-Za-z0-9]{6})$/.exec(value) ?? [];
      const read = [...sum].reduce((all, digit) => all * 62 + digits.indexOf(digit), 0);
      expect(read).toBe(crc32(body));
      // The control: another token has another
      expect(read).not.toBe(crc32(`${body.slice(1)}_`));
    }
  });

  test("of AWS are an id and a key in a profile that nobody takes by itself", () => {
    const { content, values } = make("aws");
    expect(values[0]).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(values[1]).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(content).not.toContain("[default]");
  });

  test("of ssh are a whole key of which no line is looked for that others have too", () => {
    const [one, other] = [make("ssh"), make("ssh")];
    const lines = one.content.trim().split("\n");
    expect(lines[0]).toBe("-----BEGIN OPENSSH PRIVATE KEY-----");
    const whole = Buffer.from(lines.slice(1, -1).join(""), "base64");
    expect(whole.subarray(0, 14).toString()).toBe("openssh-key-v1");
    // The public half stands in it twice: alone, and behind the private one
    const type = Buffer.from("ssh-ed25519");
    const at = whole.indexOf(type);
    const key = whole.subarray(at + type.length + 4, at + type.length + 36);
    expect(whole.subarray(at + type.length + 36).indexOf(key)).toBeGreaterThan(0);
    expect(whole.lastIndexOf(createHash("sha256").update(key).digest())).toBe(-1);
    for (const value of one.values) expect(other.content).not.toContain(value);
    // The control: their first lines are the same
    expect(other.content).toContain(lines[1] ?? "");
  });
});
