/** The images of services: what their names mean, and what an image says of itself that a service needs. */
import { BottleError } from "../../core/error.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { quote } from "../../core/text.ts";
import { inspectImage, findImage } from "../../engine/images.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import type { Progress } from "../bottle.ts";
import { ensurePresent } from "./image.ts";

/** What its makers say of an image. */
export interface ServiceImage {
  readonly id: string;
  /** In place of its entry program; undefined for that one */
  readonly program?: readonly string[] | undefined;
  /** Absolute folders that it keeps data in */
  readonly volumes: readonly string[];
  /** Whom it runs as: `1001`, `1001:0`, a name, or empty for root */
  readonly user: string;
  /** Command that ends with 0 when it can be used */
  readonly check: readonly string[] | undefined;
}

/** Ids by name, and `absent` for what is not there; a name with a digest says itself what it is. */
export async function observeServices(
  engine: Engine,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const open = [...new Set(names)].filter((name) => !name.includes("@"));
  return new Map(
    await Promise.all(
      open.map(async (name) => [name, (await findImage(engine, name))?.id ?? "absent"] as const),
    ),
  );
}

/** Has the images there, each the one that was approved. By the service's name. */
export async function prepareServices(
  engine: Engine,
  services: readonly ServicePlan[],
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, ServiceImage>> {
  const found = new Map<string, ServiceImage>();
  for (const one of services) {
    // A name with a digest is fetched as late as here: it can only be the one that was approved
    if (one.resolved === undefined) await ensurePresent(engine, one.image, progress, signal);
    found.set(one.name, await readServiceImage(engine, one));
  }
  return found;
}

async function readServiceImage(
  engine: Engine,
  { name, image, resolved }: ServicePlan,
): Promise<ServiceImage> {
  const found = await inspectImage(engine, resolved ?? image);
  if (!found) throw isGone(name, image);
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

function isGone(name: string, image: string): BottleError {
  return new BottleError({
    code: "image",
    message: `Cannot start service ${quote(name)}: ${quote(image)} is no longer there as it was when it was approved`,
    hint: `Fetch it with "${commandLine`docker pull ${image}`}", and start again.`,
  });
}
