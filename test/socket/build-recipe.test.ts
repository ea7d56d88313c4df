/** Building one image: what it is said to be made from, and what is told of a folder on its way. */
import { describe, expect, test } from "bun:test";
import { buildRecipe } from "../../src/bottle/image/build-recipe.ts";
import type { Progress } from "../../src/bottle/bottle.ts";
import { messageOf } from "../../src/core/error.ts";
import type { Recipe } from "../../src/bottle/image/recipe.ts";
import type { FileEntry } from "../../src/core/file-entry.ts";
import { imagesOn } from "../support/docker-platform.ts";
import { renderReply, startFakeDaemon } from "../support/fake-daemon.ts";

const silent: Progress = { step: () => undefined, detail: () => undefined, done: () => undefined };
const mebibyte = 1024 * 1024;
const recipe: Recipe = {
  reference: "made:1",
  dockerfile: "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n",
  base: "base:1",
  inputs: "digest",
  claudeVersion: "2.1.330",
  files: [{ path: "a.crt", content: "PEM" }],
  isOwn: false,
  isAddition: false,
};

async function build(one: Recipe, force = false) {
  const steps: string[] = [];
  const details: string[] = [];
  await using daemon = await startFakeDaemon(async (connection, { path }) => {
    const isBuild = path.endsWith("/build");
    await connection.send(
      renderReply(
        200,
        isBuild ? `{"stream":"Step 1\\n"}\n{"aux":{"ID":"sha256:made"}}\n` : { Id: "sha256:base" },
      ),
    );
    connection.end();
  });
  await buildRecipe(imagesOn(daemon.engine), one, {
    force,
    progress: {
      step: (text) => void steps.push(text),
      detail: (text) => void details.push(text),
      done: () => undefined,
    },
    signal: new AbortController().signal,
  });
  const request = daemon.requests.find(({ path }) => path.endsWith("/build"));
  return { steps, details, query: request?.query, body: request?.body ?? Buffer.alloc(0) };
}

describe("an image that is built", () => {
  test("carries what it is made from, by which it is known again", async () => {
    const { steps, query, body } = await build(recipe);
    expect(steps).toEqual(["Building made:1 on base:1 (once, until its inputs change)"]);
    expect(JSON.parse(query?.get("labels") ?? "{}")).toEqual({
      "claude-bottle.image.inputs": "digest",
      "claude-bottle.image.base": "sha256:base",
    });
    expect(JSON.parse(query?.get("buildargs") ?? "{}")).toEqual({
      BASE_IMAGE: "base:1",
      CLAUDE_VERSION: "2.1.330",
    });
    expect([query?.get("t"), query?.get("dockerfile")]).toEqual(["made:1", "Dockerfile"]);
    for (const text of [recipe.dockerfile, "a.crt", "PEM"]) expect(body.includes(text)).toBe(true);
  });

  test("is built of every step anew only where that was asked for", async () => {
    const isAnew = async (force: boolean) =>
      /^(?:1|true)$/.test((await build(recipe, force)).query?.get("nocache") ?? "");
    expect([await isAnew(false), await isAnew(true)]).toEqual([false, true]);
  });
});

// What Engine 20.10 said while another image that shared a step was removed
const lostStep = `{"error":"failed to export image: failed to set parent sha256:80c2: unknown parent image ID sha256:80c2"}\n`;

describe("a build of which a kept step is removed meanwhile", () => {
  const attempts = async (answers: readonly string[]) => {
    let at = 0;
    const details: string[] = [];
    await using daemon = await startFakeDaemon(async (connection, { path }) => {
      const answer = path.endsWith("/build") ? (answers[at++] ?? "") : { Id: "sha256:base" };
      await connection.send(renderReply(200, answer));
      connection.end();
    });
    const progress = { ...silent, detail: (text: string) => void details.push(text) };
    const outcome = await buildRecipe(imagesOn(daemon.engine), recipe, {
      force: false,
      progress,
      signal: new AbortController().signal,
    }).then(() => "built", messageOf);
    return { outcome, details, builds: at };
  };
  const made = `{"aux":{"ID":"sha256:made"}}\n`;

  test("begins again, and says so", async () => {
    expect(await attempts([lostStep, made])).toEqual({
      outcome: "built",
      details: ["a step that was kept has been removed meanwhile; the build begins again"],
      builds: 2,
    });
  });

  test("ends with the engine's words when it goes on like that", async () => {
    const { outcome, builds } = await attempts([lostStep, lostStep, lostStep, made]);
    expect(outcome).toContain("unknown parent image ID");
    expect(builds).toBe(3);
  });

  test("is not begun again for a step that fails", async () => {
    const { outcome, builds } = await attempts([
      `{"error":"The command returned a non-zero code: 1"}\n`,
      made,
    ]);
    expect(outcome).toContain("non-zero code: 1");
    expect(builds).toBe(1);
  });
});

describe("a build context", () => {
  const file = (path: string, size: number): FileEntry => ({
    path,
    kind: "file",
    mode: 0o644,
    size,
    changedAt: new Date(0),
    read: () => Promise.resolve(Buffer.alloc(size)),
  });

  async function sent(sizes: readonly number[], bytes = sizes.reduce((sum, one) => sum + one, 0)) {
    const context = {
      directory: "/p",
      entries: sizes.map((size, at) => file(`f${at}`, size)),
      count: sizes.length,
      bytes,
      digest: "1",
      dockerfile: "Dockerfile",
      hidesDockerfile: false,
      isHome: false,
    };
    const { details } = await build({ ...recipe, context });
    return details.flatMap((one) => /^sending the build context: (.*)$/.exec(one)?.[1] ?? []);
  }

  test("is told of each mebibyte, and not of less", async () => {
    expect(await sent([mebibyte - 1])).toEqual([]);
    expect(await sent([mebibyte])).toEqual(["1.0 MiB of 1.0 MiB"]);
    expect(await sent([mebibyte, mebibyte - 1, 1])).toEqual(["1.0 MiB of 2.0 MiB", "2.0 MiB of 2.0 MiB"]);
  });

  test("that is large is told of in hundredths", async () => {
    const told = await sent(
      Array.from({ length: 7 }, () => mebibyte),
      300 * mebibyte,
    );
    expect(told).toEqual(["3.0 MiB of 300 MiB", "6.0 MiB of 300 MiB"]);
  });
});
