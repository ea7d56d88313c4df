import { describe, expect, test } from "bun:test";
import { generate } from "../../../support/laws/generate.ts";
import { renderScript } from "../../../support/laws/script.ts";

describe("a generated case", () => {
  test("is the same for the same numbers", () => {
    for (const number of [1, 2, 77]) expect(generate(3, number)).toEqual(generate(3, number));
  });

  test("is another one for another number or another seed", () => {
    const texts = [1, 2, 3].flatMap((seed) =>
      [1, 2, 3, 4, 5, 6].map((number) => JSON.stringify({ ...generate(seed, number), seed: 0, number: 0 })),
    );
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("begins with a layout, and its steps have times of their own", () => {
    for (let number = 1; number <= 50; number += 1) {
      const { state, work } = generate(1, number);
      const all = [...state, ...work];
      expect(state[0]?.script).toContain("git init");
      expect(all.map((step) => step.at)).toEqual(all.map((_, index) => index + 1));
    }
  });

  test("has no work in a state that is for the law of rest alone", () => {
    const cases = Array.from({ length: 200 }, (_, index) => generate(1, index + 1));
    const alone = cases.filter(({ state }) => state.some((step) => step.isForRestOnly));
    expect(alone.length).toBeGreaterThan(0);
    expect(alone.every(({ work }) => work.length === 0)).toBe(true);
  });

  test("names only relative paths in its work", () => {
    for (let number = 1; number <= 200; number += 1)
      for (const { script } of generate(2, number).work) expect(script).not.toMatch(/\$R|\$HOME|\$W/);
  });

  test("is a script that bash reads", async () => {
    const scripts = [1, 2, 3, 4, 5, 6, 7, 8].map((number) =>
      renderScript(generate(4, number), [{ kind: "rest:status", detail: "a\n\x1b[31mb" }]),
    );
    for (const script of scripts) {
      const child = Bun.spawn(["bash", "-n"], { stdin: Buffer.from(script), stderr: "pipe" });
      expect(await new Response(child.stderr).text()).toBe("");
      expect(script).not.toContain("\x1b");
    }
  });
});
