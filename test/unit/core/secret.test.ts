import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { Secret } from "../../../src/core/secret.ts";

describe("a secret", () => {
  const secret = new Secret("hunter2");

  test.each([
    ["a template", () => `${String(secret)} ${secret.toString()}`],
    ["concatenation", () => `x${[secret].join("")}`],
    ["JSON", () => JSON.stringify({ secret })],
    ["inspect", () => inspect({ secret }, { showHidden: true, depth: 9 })],
    ["Bun's inspect", () => Bun.inspect({ secret })],
    ["its keys", () => JSON.stringify([Object.keys(secret), Object.getOwnPropertyNames(secret)])],
    ["a clone", () => JSON.stringify(structuredClone({ ...secret }))],
    ["an error", () => inspect(new Error("x", { cause: secret }))],
  ])("does not show in %s", (_name, render) => {
    expect(render()).not.toContain("hunter2");
  });

  test("is given to who asks for it", () => {
    expect(secret.reveal()).toBe("hunter2");
  });
});
