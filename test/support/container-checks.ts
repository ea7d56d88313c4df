/** What an auditor would ask of every container, read from `inspect`: pure, so that a test can also see each question answered wrongly. */

/** GET /containers/{id}/json, the part that is asked about */
export interface SeenContainer {
  readonly Name: string;
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
  };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Source: string;
    readonly Destination: string;
  }[];
}

export interface Expectations {
  /** Of the labels that every object has */
  readonly labels: readonly string[];
  /** What may be nowhere in all that the engine shows */
  readonly secrets: readonly string[];
  /** What this container is allowed beyond the others, by the name of the question */
  readonly allowed: readonly string[];
}

type Question = readonly [name: string, isWell: (one: SeenContainer, wanted: Expectations) => boolean];
type Ulimit = { readonly Name: string; readonly Hard: number };

const get = (one: SeenContainer, name: string): unknown => one.HostConfig[name];
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);
const limitOf = (one: SeenContainer, name: string) =>
  ((get(one, "Ulimits") ?? []) as Ulimit[]).find((limit) => limit.Name === name)?.Hard ?? Infinity;
const options = (one: SeenContainer) => (get(one, "SecurityOpt") ?? []) as string[];

const questions: readonly Question[] = [
  ["no privileges", (one) => isNothing(get(one, "Privileged"))],
  ["all capabilities dropped", (one) => JSON.stringify(get(one, "CapDrop")) === '["ALL"]'],
  ["no capability added", (one) => isNothing(get(one, "CapAdd"))],
  ["no new privileges", (one) => options(one).includes("no-new-privileges:true")],
  ["a system call filter of ours", (one) => options(one).some((text) => isStrictFilter(text))],
  [
    "nothing unconfined",
    (one) => options(one).every((text) => !/unconfined|label[:=]disable|systempaths/.test(text)),
  ],
  ["not root", (one) => /^[1-9]\d*:[1-9]\d*$/.test(one.Config.User)],
  ["a read-only root", (one) => get(one, "ReadonlyRootfs") === true],
  ["memory limited", (one) => Number(get(one, "Memory")) > 0],
  ["no swap", (one) => get(one, "MemorySwap") === get(one, "Memory")],
  ["processes limited", (one) => Number(get(one, "PidsLimit")) > 0],
  ["open files limited", (one) => limitOf(one, "nofile") <= 65_536],
  ["no core files", (one) => limitOf(one, "core") === 0],
  [
    "not killed last",
    (one) => Number(get(one, "OomScoreAdj") ?? 0) >= 0 && isNothing(get(one, "OomKillDisable")),
  ],
  ["no network of the host", (one) => !/^(host|bridge|default)?$/.test(String(get(one, "NetworkMode")))],
  ["no processes of the host", (one) => isNothing(get(one, "PidMode"))],
  ["IPC of its own", (one) => get(one, "IpcMode") === "private"],
  ["cgroups of its own", (one) => get(one, "CgroupnsMode") === "private"],
  ["a host name of its own", (one) => isNothing(get(one, "UTSMode"))],
  ["the engine's namespaces for users", (one) => isNothing(get(one, "UsernsMode"))],
  ["no folders of the host", (one) => isNothing(get(one, "Binds")) && one.Mounts.every(isOwnVolume)],
  ["no devices", (one) => isNothing(get(one, "Devices")) && isNothing(get(one, "DeviceRequests"))],
  ["no volumes of others", (one) => isNothing(get(one, "VolumesFrom"))],
  [
    "no published ports",
    (one) => isNothing(get(one, "PortBindings")) && isNothing(get(one, "PublishAllPorts")),
  ],
  ["no engine's socket", (one) => !/docker\.sock|containerd\.sock|podman\.sock/.test(JSON.stringify(one))],
  ["no restart", (one) => ["", "no"].includes((get(one, "RestartPolicy") as { Name: string }).Name)],
  ["not removed behind our back", (one) => isNothing(get(one, "AutoRemove"))],
  ["no log without an end", (one) => isBounded(get(one, "LogConfig") as LogConfig)],
  ["whose it is", (one, { labels }) => labels.every((name) => Boolean(one.Config.Labels[name]))],
  ["no secrets", (one, { secrets }) => secrets.every((text) => !JSON.stringify(one).includes(text))],
];

interface LogConfig {
  readonly Type: string;
  readonly Config: Readonly<Record<string, string>> | null;
}

/** All that can be asked, so that a test can show each answered wrongly. */
export const questionNames: readonly string[] = questions.map(([name]) => name);

/** Names of the questions to which the answer is not the one wanted. */
export function findWeakWalls(one: SeenContainer, wanted: Expectations): string[] {
  return questions
    .filter(([name, isWell]) => !wanted.allowed.includes(name) && !isWell(one, wanted))
    .map(([name]) => name);
}

/** An allowlist, and not what an engine has by default, which differs by its version */
function isStrictFilter(text: string): boolean {
  return text.startsWith('seccomp={"defaultAction":"SCMP_ACT_ERRNO"');
}

function isOwnVolume({ Type }: SeenContainer["Mounts"][number]): boolean {
  return Type === "volume" || Type === "tmpfs";
}

function isBounded({ Type, Config }: LogConfig): boolean {
  return Type === "none" || (Type === "local" && Config?.["max-size"] !== undefined);
}
