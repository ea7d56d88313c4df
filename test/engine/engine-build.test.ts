import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { buildImage } from "../../src/engine/build-image.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage, removeImage, tagImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
let base: string;
let run: TestRun;

interface Build {
  readonly tag: string;
  readonly steps: string;
  readonly noCache?: boolean;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

async function build(builder: "1" | "2", request: Build): Promise<{ id: string; lines: string[] }> {
  const lines: string[] = [];
  // The classic builder leaves the layers of a failed build, which only the Dockerfile itself can label
  const label = Object.entries(run.labels).map((entry) => `LABEL ${entry.join("=")}`);
  const dockerfile = ["ARG BASE", "FROM ${BASE}", ...label, "ARG WORD", request.steps, ""].join("\n");
  const context = await makeTar([
    { path: "Dockerfile", mode: 0o644, content: dockerfile },
    { path: "note", mode: 0o644, content: "a note\n" },
  ]);
  const id = await buildImage(
    makeEngine(engine.endpoint, engine.apiVersion, builder),
    {
      tag: request.tag,
      labels: run.labels,
      buildArgs: { BASE: base, WORD: "w1" },
      context,
      noCache: request.noCache ?? false,
      ...(request.signal ? { signal: request.signal } : {}),
    },
    (line) => {
      lines.push(line);
      request.onLine?.(line);
    },
  );
  return { id, lines };
}

describe.skipIf(typeof found === "string")("buildImage() on a real engine", () => {
  beforeAll(async () => {
    base = await imageForTests(engine);
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each(["1", "2"] as const)("makes an image with builder %s", async (builder) => {
    const tag = `${run.name("made")}:b${builder}`;
    const steps = `COPY note /note\nRUN echo "built $WORD" && cat /note`;
    const made = await build(builder, { tag, steps, noCache: true });
    expect(made.lines).toContain("built w1");
    expect(made.lines).toContain("a note");
    const image = await findImage(engine, tag);
    expect(image).toMatchObject({ id: made.id, labels: run.labels });
    expect(image?.architecture).not.toBe("");
    expect(await findImage(engine, made.id)).toEqual(image);

    const again = await build(builder, { tag, steps });
    expect(again.lines.some((line) => /cached|using cache/i.test(line))).toBe(true);

    await tagImage(engine, tag, run.name("other"), "t");
    expect((await findImage(engine, `${run.name("other")}:t`))?.id).toBe(again.id);
    await removeImage(engine, `${run.name("other")}:t`);
    await removeImage(engine, tag);
    await removeImage(engine, tag);
    expect(await findImage(engine, tag)).toBeUndefined();
  });

  test.each(["1", "2"] as const)("says what a failing step said with builder %s", async (builder) => {
    const steps = "RUN echo some output && echo a complaint >&2 && exit 7";
    const error = await failureOf(build(builder, { tag: run.name("fails"), steps, noCache: true }));
    expect(error.message).toStartWith(`Cannot build image "${run.name("fails")}": `);
    expect(error.message).toMatch(/code: 7$/);
    expect(error.details).toContain("some output");
    expect(error.details).toContain("a complaint");
    expect(await findImage(engine, run.name("fails"))).toBeUndefined();
  });

  test.each(["1", "2"] as const)("says that a Dockerfile cannot be read with builder %s", async (builder) => {
    const error = await failureOf(build(builder, { tag: run.name("nonsense"), steps: "NONSENSE x" }));
    expect(error.message).toContain("unknown instruction: NONSENSE");
  });

  test.each(["1", "2"] as const)("stops at the caller's word with builder %s", async (builder) => {
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const outcome = build(builder, {
      tag: run.name("stopped"),
      steps: "RUN echo begun-for-good && sleep 1000",
      noCache: true,
      signal: controller.signal,
      onLine: (line) => line === "begun-for-good" && controller.abort(reason),
    });
    expect(await outcome.catch((error: unknown) => error)).toBe(reason);
    expect(await findImage(engine, run.name("stopped"))).toBeUndefined();
  });
});
