/** What an image says of itself that a service needs. */
import type { Engine } from "../../engine/engine.ts";
import { inspectImage } from "../../engine/images.ts";
import type { ServiceImage } from "../platform/services.ts";

/** Undefined if there is no such image. */
export async function describeImage(engine: Engine, reference: string): Promise<ServiceImage | undefined> {
  const found = await inspectImage(engine, reference);
  if (!found) return undefined;
  const { Volumes, User = "", Healthcheck } = found.Config ?? {};
  return {
    id: found.Id,
    volumes: Object.keys(Volumes ?? {}).filter((one) => one.startsWith("/")),
    user: User,
    check: readCheck(Healthcheck?.Test ?? []),
  };
}

/** `["CMD", …]`, `["CMD-SHELL", text]`, or `["NONE"]` */
function readCheck([kind, ...words]: readonly string[]): readonly string[] | undefined {
  if (kind === "CMD" && words.length > 0) return words;
  return kind === "CMD-SHELL" && words[0] !== undefined ? ["/bin/sh", "-c", words[0]] : undefined;
}
