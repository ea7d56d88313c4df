/** The part of a manifest that names what runs beside an agent: databases and the like, each in a container of its own. */
import * as v from "valibot";
import { longestText } from "../core/exec-limits.ts";
import { imageName, pathEntry } from "./image-schema.ts";
import { limitsSchema, memoryText } from "./limits-schema.ts";
import type { ServiceEntry, SourceRef } from "./manifest.ts";
import { textWithoutNul } from "./mcp-schema.ts";
import { parseMemory } from "./memory.ts";
import { textThat } from "./text-that.ts";

/** Addresses that a network of this size has */
export const maxServices = 11;

/** A PostgreSQL or Redis for tests is content with less */
const smallestMemory = 32 * 1024 ** 2;
const smallestData = 1024 ** 2;
const defaultMemoryBytes = 512 * 1024 ** 2;
const defaultDataBytes = 256 * 1024 ** 2;
const defaultPids = 512;

/** What stands in a bottle's hosts file already, or would be taken for something else of a bottle */
const reservedNames: ReadonlySet<string> = new Set([
  "agent",
  "bottle",
  "broadcasthost",
  "gate",
  "gateway",
  "host",
  "localhost",
  "pipelock",
  "sidecar",
]);

/** One label of a DNS name: every program takes it for a host's name, and no host of the world is called so */
const serviceName = textThat((value) => {
  if (!/^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(value))
    return "is not a name for a service: it must begin with a small letter and hold only small letters, digits and '-' (32 at most)";
  if (reservedNames.has(value) || value.startsWith("ip6-"))
    return "is a name that bottles use themselves; choose another one";
  return undefined;
});

const variableName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z_][A-Za-z0-9_.-]*$/,
    "is not a name for a variable: letters, digits, '_', '.' and '-' only",
  ),
);

/** A service gets its variables from the engine, which shows them to whoever asks it: no place for a secret. */
const variableValue = v.pipe(
  textThat((value) => {
    if (value.includes("\0")) return "holds a NUL character";
    if (value.startsWith("?") || /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(value))
      return "is not a literal: everybody who can ask the engine can read a service's variables, so they are written in the manifest and hold no secret";
    return Buffer.byteLength(value) > longestText ? "is too long for the kernel" : undefined;
  }),
  v.description("Literal, and no secret: the engine shows it to whoever can ask it"),
);

const words = (description: string) =>
  v.optional(
    v.pipe(
      v.array(textWithoutNul),
      v.minLength(1, "is empty; leave it out"),
      v.maxLength(1000, "has more than 1000 words"),
      v.description(description),
    ),
  );

/** `/tmp` and `/run` are there in every service; nothing else of the root can be covered without breaking the image */
const folder = textThat((value) => {
  if (!/^(?:\/[A-Za-z0-9._@+-]+)+$/.test(value) || /\/\.\.?(?:\/|$)/.test(value))
    return "must be an absolute path of letters, digits and ._@+-";
  return /^\/(?:dev|proc|sys|run|tmp)(?:\/|$)/.test(value)
    ? "is there already, or the system's own; name a folder of the service's"
    : undefined;
});

const service = v.strictObject({
  image: v.pipe(
    imageName,
    v.description("Image by tag or digest; what a tag means when you approve it is what is run"),
  ),
  env: v.optional(v.record(variableName, variableValue)),
  command: words("In place of the image's own command; its entry program stays"),
  ready: words(
    "Command in the service that ends with 0 when it can be used; by default the image's own HEALTHCHECK",
  ),
  after: v.optional(
    v.pipe(v.array(v.string()), v.description("Services that must be ready before this one starts")),
  ),
  data: v.optional(
    v.pipe(
      memoryText(smallestData),
      v.description(
        'Room for what it writes, such as "1g" ("256m" by default): in memory, and removed with the session',
      ),
    ),
  ),
  keep: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Keep its data on the engine's disk for the next session of this bottle and folder"),
    ),
  ),
  writable: v.optional(
    v.pipe(
      v.array(folder),
      v.maxLength(16, "has more than 16 folders"),
      v.description("Folders that it writes to besides /tmp, /run and the image's volumes; in memory"),
    ),
  ),
  limits: v.optional(
    limitsSchema({ smallest: smallestMemory, memory: "512m", other: "1g", pids: 512, leastPids: 16 }),
  ),
});

/** Further keys of a bottle. */
export const servicesEntries = {
  compose: pathEntry(
    "Compose file, relative to this manifest, whose services run beside the agent too; the plan names what of it is not taken",
  ),
  services: v.optional(
    v.pipe(
      v.record(serviceName, service),
      v.check(
        (all) => Object.keys(all).length <= maxServices,
        `has more than ${maxServices} services, which is all that a bottle's network has room for`,
      ),
      v.description("Databases and the like by name, beside the agent, which alone reaches them by it"),
    ),
  ),
} as const;

type RawService = v.InferOutput<typeof service>;

/** Those of a bottle that passed the schema. */
export function readServices(
  raw: Readonly<Record<string, RawService>>,
  locate: (name: string) => SourceRef,
): ServiceEntry[] {
  return Object.entries(raw).map(([name, one]) => ({
    name,
    image: one.image,
    env: Object.entries(one.env ?? {}).map(([key, value]) => ({ name: key, value })),
    ...(one.command && { command: one.command }),
    ...(one.ready && { ready: one.ready }),
    after: [...new Set(one.after)],
    dataBytes: readAmount(one.data, defaultDataBytes),
    keeps: one.keep === true,
    writable: [...new Set(one.writable)],
    limits: {
      memoryBytes: readAmount(one.limits?.memory, defaultMemoryBytes),
      cpus: one.limits?.cpus,
      pids: one.limits?.pids ?? defaultPids,
    },
    source: locate(name),
  }));
}

function readAmount(text: string | undefined, otherwise: number): number {
  const parsed = text === undefined ? undefined : parseMemory(text, 0);
  return parsed?.ok ? parsed.bytes : otherwise;
}
