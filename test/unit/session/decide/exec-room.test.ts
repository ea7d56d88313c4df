import { describe, expect, test } from "bun:test";
import {
  requireGrantedRoom,
  requireKnownRoom,
  requireRoom,
} from "../../../../src/session/decide/exec-room.ts";
import { longestText, roomForTexts } from "../../../../src/core/exec-limits.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { failureOf } from "../../../support/failure.ts";
import { aBottle, aManifest, aPlan, aSource } from "../../../support/manifests.ts";

const failure = (act: () => void) => failureOf((async () => act())());
const ofBytes = (bytes: number) => "x".repeat(bytes);
const value = (bytes: number) => ofBytes(bytes - "KEY=".length);

describe("requireRoom()", () => {
  test("takes as much as the kernel does, in one and together", () => {
    requireRoom([ofBytes(longestText)], [{ name: "KEY", value: value(longestText) }]);
    const words = Array<string>(18).fill(ofBytes(100_000 - 9));
    expect(words.length * 100_000).toBeLessThan(roomForTexts);
    requireRoom(words);
  });

  test("says which argument is too long", async () => {
    const error = await failure(() => requireRoom(["a", ofBytes(longestText + 1)]));
    expect(error.message).toBe(
      "Cannot pass argument 2: it has 131072 bytes, and the kernel takes 131071 in one",
    );
    expect(error.exitCode).toBe(2);
  });

  test("says which variable is too long, and shows nothing of it", async () => {
    const error = await failure(() =>
      requireRoom(
        [],
        [
          { name: "A", value: "y" },
          { name: "KEY", value: value(longestText + 1) },
        ],
      ),
    );
    expect(error.message).toBe(
      "Cannot set KEY: with its name it has 131072 bytes, and the kernel takes 131071 in one variable",
    );
    expect(JSON.stringify(error)).not.toContain("xxx");
  });

  test("counts bytes, not letters", async () => {
    const error = await failure(() => requireRoom(["ö".repeat(70_000)]));
    expect(error.message).toContain("it has 140000 bytes");
  });

  test("says how much all together take, and which are the largest", async () => {
    const variables = Array.from({ length: 19 }, (_, index) => ({
      name: `V${index}`,
      value: ofBytes(100_000 + index),
    }));
    const error = await failure(() => requireRoom([], variables));
    expect(error.message).toMatch(
      /^Cannot start the program: its arguments and variables take 19\d{5} bytes/,
    );
    expect(error.details).toEqual(["V18: 100022 bytes", "V17: 100021 bytes", "V16: 100020 bytes"]);
  });
});

describe("what is known before the question", () => {
  const agent = aManifest({
    bottles: { dev: {} },
    agents: { helper: { bottle: "dev", arguments: ["--verbose"] } },
  }).agents.get("helper");
  if (!agent) throw new Error("The builder made no agent");
  const env = { LONG: value(longestText + 1), SHORT: "x" };

  test("is what the environment has, and words of the start", async () => {
    const bottle = aBottle({ env: { KEY: "${LONG}" } });
    const error = await failure(() => requireKnownRoom({ agent, bottle }, [], env));
    expect(error.message).toStartWith("Cannot set KEY: ");
    const words = await failure(() =>
      requireKnownRoom({ agent, bottle: aBottle() }, [ofBytes(longestText + 1)], env),
    );
    expect(words.message).toStartWith("Cannot pass argument 2: ");
  });

  test("is not what is asked for, nor what stays in the sidecar", () => {
    const egress = { allowlist: ["a.example"] };
    const bound = { value: "${LONG}", hosts: ["a.example"] };
    const bottle = aBottle({ env: { KEY: "${SHORT}", ASKED: "?", BOUND: bound }, egress });
    requireKnownRoom({ agent, bottle }, [], env);
  });
});

test("what was asked for is measured with the rest", async () => {
  const source = aSource();
  const plan = aPlan({
    env: [
      { name: "KEY", kind: "prompt", question: "?", source },
      { name: "BOUND", kind: "prompt", question: "?", source, hosts: ["a.example"] },
    ],
  });
  const bound = { name: "BOUND", value: new Secret(ofBytes(longestText + 1)) };
  requireGrantedRoom(plan, [{ name: "KEY", value: new Secret(value(longestText)) }, bound]);
  const error = await failure(() =>
    requireGrantedRoom(plan, [{ name: "KEY", value: new Secret(value(longestText + 1)) }, bound]),
  );
  expect(error.message).toStartWith("Cannot set KEY: ");
});
