/** What runs beside an agent, in words for the preflight, for the agent itself, and in lines for the policy. */
import { renderBytes } from "../core/text.ts";
import type { ServiceEntry } from "../manifest/manifest.ts";
import { at } from "./at-source.ts";
import { digest } from "./digest.ts";
import { describeLimits, describeResolved, showValue } from "./phrases.ts";
import type { BottlePlan, ServicePlan } from "./plan.ts";
import type { Section } from "./render-sections.ts";
import { quoteWhole } from "./whole-texts.ts";

export interface ServiceContext {
  /** What a name of an image means on the engine, for names that do not say it themselves */
  readonly images: ReadonlyMap<string, string>;
  /** Tells one folder and one manifest from another, for data that is kept */
  readonly dataKey: string;
}

/** As the manifest has them, with what their images are now. */
export function planServices(
  entries: readonly ServiceEntry[],
  { images, dataKey }: ServiceContext,
): ServicePlan[] {
  return entries.map(({ keeps, ...entry }) => {
    const resolved = images.get(entry.image);
    return {
      ...entry,
      ...(resolved !== undefined && { resolved }),
      ...(keeps && { keepKey: digest(JSON.stringify([dataKey, entry.name])).slice(0, 16) }),
    };
  });
}

/** What runs beside the agent, and what of a compose file does not; no section where there is nothing. */
export function servicesSections({ services = [], compose }: BottlePlan): Section[] {
  return [
    { title: "services", rows: describeServices(services) },
    { title: "compose", rows: describeCompose(compose) },
  ].filter(({ rows }) => rows.length > 0);
}

/** There is no wall between an agent and its services; see docs/services.md */
const everyPort =
  "the agent and the other services reach every port that a service listens on; nobody else reaches any";

/** Rows for each: name, image and where it stands, and below that what is not usual. */
export function describeServices(services: readonly ServicePlan[]): string[][] {
  if (services.length === 0) return [];
  return [
    ...services.flatMap((one) => [
      [one.name, one.image, at(one.source)],
      ...describeDetails(one).map((line) => ["", line]),
    ]),
    ["", everyPort],
  ];
}

/** What of a compose file is not taken, line by line. */
function describeCompose(compose: BottlePlan["compose"]): string[][] {
  if (!compose) return [];
  const { file, notTaken } = compose;
  if (notTaken.length === 0) return [[file, "all of its services are taken"]];
  return notTaken.map(({ line, path, reason }) => [`${file}:${line}`, `${path} is not taken: ${reason}`]);
}

function describeDetails(one: ServicePlan): string[] {
  return [
    ...describeResolved(one.image, one.resolved),
    ...one.env.map(({ name, value }) => `env ${name} is ${showValue(value)}`),
    ...(one.command ? [`runs ${renderWords(one.command)}`] : []),
    one.ready
      ? `ready when ${renderWords(one.ready)} ends with 0`
      : "ready when its image's own check says so, or as soon as it runs",
    ...(one.after.length === 0 ? [] : [`starts after ${one.after.join(", ")}`]),
    one.keepKey === undefined
      ? `data: ${renderBytes(one.dataBytes)} in memory, removed with the session`
      : "data: kept on the engine's disk, without a limit, for the next session of this bottle and folder",
    ...(one.writable.length === 0 ? [] : [`writes to ${one.writable.join(", ")}, in memory`]),
    describeLimits(one.limits),
  ];
}

/** One line for each service, with all that it is made of. Values and long texts by their digest. */
export function servicesPolicy(services: readonly ServicePlan[] = []): string[] {
  return services.map((one) => {
    const { name, image, resolved, limits, writable, after } = one;
    const words = [
      `service ${name} ${image}${resolved === undefined ? "" : ` as ${resolved}`}`,
      ...one.env.map(({ name: key, value }) => `env ${key} ${digest(JSON.stringify([name, key, value]))}`),
      ...(one.command ? [`runs ${JSON.stringify(one.command)}`] : []),
      ...(one.ready ? [`ready by ${JSON.stringify(one.ready)}`] : []),
      ...(after.length === 0 ? [] : [`after ${JSON.stringify(after)}`]),
      one.keepKey === undefined ? `data ${one.dataBytes}` : "data kept",
      ...(writable.length === 0 ? [] : [`writable ${JSON.stringify(writable)}`]),
      `memory=${limits.memoryBytes} cpus=${limits.cpus ?? "all"} pids=${limits.pids}`,
    ];
    return words.join(", ");
  });
}

/** What claude is told of them; no line without any. */
export function servicesPrompt(services: readonly ServicePlan[] = []): string[] {
  if (services.length === 0) return [];
  return [
    "These services run beside you, for you alone. Reach each by its name as host, on its usual port and without the proxy. They cannot reach the internet or any allowed host:",
    ...services.map(({ name, image }) => `- ${name} (${image})`),
    "",
  ];
}

function renderWords(words: readonly string[]): string {
  return words.map(quoteWhole).join(" ");
}
