/** Images that tests put on top of another one, built once and kept. */
import { createHash } from "node:crypto";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/archive/small-tar.ts";

export interface ImageRecipe {
  readonly repository: string;
  /** Given to the Dockerfile as BASE */
  readonly base: string;
  readonly dockerfile: string;
  /** Texts by name, executable; what the Dockerfile copies */
  readonly programs: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Builds it unless one of the same content on the same base is there; returns its name. */
export async function ensureBuilt(engine: Engine, recipe: ImageRecipe): Promise<string> {
  const { repository, base, dockerfile, programs, labels = {} } = recipe;
  const baseId = (await findImage(engine, base))?.id ?? "";
  const content = createHash("sha256")
    .update(JSON.stringify([baseId, dockerfile, ...Object.values(programs)]))
    .digest("hex");
  const tag = `${repository}:${content.slice(0, 16)}`;
  if (await findImage(engine, tag)) return tag;
  const context = await makeTar([
    { path: "Dockerfile", mode: 0o644, content: dockerfile },
    ...Object.entries(programs).map(([path, text]) => ({ path, mode: 0o755, content: text })),
  ]);
  const request = { tag, labels, buildArgs: { BASE: base }, context, noCache: false };
  await buildImage(engine, request, () => undefined);
  return tag;
}
