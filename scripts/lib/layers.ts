/** The layers of `src` as data: who may import whom, and what each may touch of the outside. A new platform is one folder and one row. */

export interface Layer {
  /** Folder below the root of the repository; the longest one that fits a file is its layer */
  readonly folder: string;
  /** Names of layers; `types` of a layer for `import type` only; a path for that one file of a layer */
  readonly imports: readonly string[];
  /** npm packages */
  readonly packages: readonly string[];
  /** Modules of the runtime: single ones, `node:*` with the global `fetch`, or `*`, with the global `Bun` too */
  readonly builtIns: readonly string[];
  /** Parts of `process`: all, none, or all but what only the composition root reads */
  readonly process: "all" | "some" | "none";
  /** The same input gives the same output: no clock and no chance */
  readonly isPure: boolean;
}

/** Computes and nothing else: what most layers are. */
const closed = { packages: [], builtIns: [], process: "none", isPure: false } as const;
const pure = { ...closed, isPure: true } as const;
/** Text of the programs that run in containers, and what is written to them first; how they work inside is nobody's business */
const programs = "src/sidecar/programs.ts";

export const layers: Readonly<Record<string, Layer>> = {
  core: { ...pure, folder: "src/core", imports: [] },
  // Apart, since it has timers
  "core/time": { ...closed, folder: "src/core/time", imports: ["core"] },
  manifest: {
    ...pure,
    folder: "src/manifest",
    imports: ["core"],
    packages: ["valibot", "jsonc-parser", "@valibot/to-json-schema", "yaml"],
    builtIns: ["node:crypto"],
  },
  plan: { ...pure, folder: "src/plan", imports: ["core", "manifest"], builtIns: ["node:crypto"] },
  archive: {
    ...closed,
    folder: "src/archive",
    imports: ["core"],
    packages: ["modern-tar"],
    builtIns: ["node:buffer", "node:fs", "node:fs/promises"],
  },
  // What crosses between this machine and a container, or lies on the disk: schemas, and the types that they are
  protocol: {
    ...pure,
    folder: "src/protocol",
    imports: ["core", "types archive"],
    packages: ["valibot"],
  },
  engine: {
    ...closed,
    folder: "src/engine",
    imports: ["core", "core/time", "archive"],
    builtIns: ["*"],
  },
  // Kubernetes' API, beside that of an engine
  kubernetes: {
    ...closed,
    folder: "src/kubernetes",
    imports: ["core", "core/time"],
    packages: ["yaml"],
    builtIns: ["*"],
  },
  host: {
    ...closed,
    folder: "src/host",
    imports: ["core", "core/time", "archive", "protocol"],
    packages: ["consola"],
    builtIns: ["*"],
    process: "some",
  },
  // Its programs run elsewhere, under Node, where they are their own composition roots
  sidecar: {
    ...closed,
    folder: "src/sidecar",
    // Bundled into the gate
    packages: ["@secretlint/secretlint-rule-preset-recommend", "graphql"],
    // Schemas stay out of the programs: what they say is checked by who reads it
    imports: ["core", "archive", "types protocol", "src/protocol/gate.ts", "src/protocol/collect.ts"],
    builtIns: ["node:*"],
    process: "all",
  },
  bottle: { ...closed, folder: "src/bottle", imports: ["core", "plan", "types archive", "types protocol"] },
  // The port: what a platform implements, and nothing that a bottle is made of
  "bottle/platform": {
    ...closed,
    folder: "src/bottle/platform",
    imports: ["core", "plan", "types archive", "types protocol", "bottle"],
  },
  "bottle/terminal": {
    ...closed,
    folder: "src/bottle/terminal",
    imports: ["core", "bottle", "bottle/platform"],
    // Streams in memory: no way to the outside
    builtIns: ["node:events", "node:stream"],
  },
  "bottle/agent": {
    ...closed,
    folder: "src/bottle/agent",
    imports: ["core", "plan", "archive", "protocol", "bottle", "bottle/platform", programs],
    builtIns: ["node:crypto", "node:timers/promises"],
  },
  "bottle/gate": {
    ...closed,
    folder: "src/bottle/gate",
    imports: ["core", "core/time", "plan", "protocol", "bottle", "bottle/platform", "bottle/agent", programs],
    builtIns: ["node:crypto", "node:timers/promises"],
  },
  "bottle/filter": {
    ...closed,
    folder: "src/bottle/filter",
    imports: ["core", "plan", "archive", "bottle", "bottle/platform"],
    builtIns: ["node:crypto"],
  },
  "bottle/egress": {
    ...closed,
    folder: "src/bottle/egress",
    imports: ["core", "protocol", "bottle", "bottle/platform"],
  },
  "bottle/running": {
    ...closed,
    folder: "src/bottle/running",
    imports: [
      "core",
      "core/time",
      "plan",
      "protocol",
      "bottle",
      "bottle/platform",
      "bottle/terminal",
      "bottle/agent",
      "bottle/gate",
      "bottle/filter",
      "bottle/egress",
      "bottle/service",
      programs,
    ],
    builtIns: ["node:crypto"],
  },
  "bottle/launch": {
    ...closed,
    folder: "src/bottle/launch",
    imports: [
      "core",
      "core/time",
      "plan",
      "archive",
      "protocol",
      "bottle",
      "bottle/platform",
      "bottle/agent",
      "bottle/gate",
      "bottle/filter",
      "bottle/running",
      "bottle/work",
      "bottle/service",
      programs,
    ],
  },
  "bottle/service": {
    ...closed,
    folder: "src/bottle/service",
    imports: ["core", "core/time", "plan", "bottle", "bottle/platform"],
  },
  "bottle/setup": {
    ...closed,
    folder: "src/bottle/setup",
    imports: ["core", "plan", "bottle", "bottle/terminal", "bottle/agent"],
  },
  "bottle/work": {
    ...closed,
    folder: "src/bottle/work",
    imports: ["core", "protocol", "bottle", "bottle/platform", "bottle/agent", programs],
  },
  "bottle/image": {
    ...closed,
    folder: "src/bottle/image",
    imports: ["core", "plan", "archive", "bottle", "bottle/platform"],
    builtIns: ["node:crypto"],
  },
  "bottle/doctor": {
    ...closed,
    folder: "src/bottle/doctor",
    imports: ["core", "plan", "bottle", "bottle/platform", "bottle/image"],
  },
  "bottle/verify": {
    ...closed,
    folder: "src/bottle/verify",
    imports: [
      "core",
      "core/time",
      "plan",
      "protocol",
      "bottle",
      "bottle/platform",
      "bottle/terminal",
      programs,
    ],
    builtIns: ["node:crypto", "node:timers/promises"],
  },
  // All of the product, put together on whatever platform it is given
  "bottle/compose": {
    ...closed,
    folder: "src/bottle/compose",
    imports: [
      "plan",
      "bottle",
      "bottle/platform",
      "bottle/agent",
      "bottle/setup",
      "bottle/filter",
      "bottle/running",
      "bottle/service",
      "bottle/launch",
      "bottle/work",
      "bottle/image",
      "bottle/verify",
      "bottle/doctor",
      programs,
    ],
  },
  // A platform knows the port, and nothing of what stands on it
  "bottle/docker": {
    ...closed,
    folder: "src/bottle/docker",
    imports: ["core", "core/time", "plan", "types protocol", "bottle", "bottle/platform", "engine"],
    builtIns: ["node:crypto", "node:timers/promises"],
  },
  "bottle/kubernetes": {
    ...closed,
    folder: "src/bottle/kubernetes",
    imports: ["core", "core/time", "plan", "protocol", "bottle", "bottle/platform", "kubernetes"],
  },
  session: {
    ...closed,
    folder: "src/session",
    imports: ["core", "manifest", "plan", "host", "bottle", "protocol"],
    builtIns: ["node:crypto", "node:path", "node:timers/promises"],
  },
  cli: {
    ...closed,
    folder: "src/cli",
    imports: [
      "core",
      "types core/time",
      "manifest",
      "plan",
      "host",
      "bottle",
      "session",
      "protocol",
      "src/cli/watch/run-watch.ts",
      "src/cli/watch/watch-json.ts",
    ],
    packages: ["citty"],
    builtIns: ["node:crypto", "node:path", "node:timers/promises"],
  },
  // The full-screen view, loaded by `watch` alone
  "cli/watch": {
    ...closed,
    folder: "src/cli/watch",
    imports: ["core", "plan", "host", "bottle", "session", "protocol", "cli"],
    packages: ["ink", "react", "@xterm/headless"],
    builtIns: ["node:timers/promises"],
  },
  // The composition root: `src/main.ts`, `src/wiring.ts`
  root: {
    ...closed,
    folder: "src",
    imports: [
      "core",
      "core/time",
      "manifest",
      "plan",
      "engine",
      "host",
      "sidecar",
      "protocol",
      "bottle",
      "bottle/platform",
      "bottle/compose",
      "bottle/docker",
      "session",
      "cli",
    ],
    builtIns: ["*"],
    process: "all",
  },
};

/** The only files of the layer `root`; anything else directly in `src` belongs into a folder. */
export const rootFiles: readonly string[] = ["src/main.ts", "src/wiring.ts", "src/text-assets.d.ts"];

export const budgets = { fileLines: 250, functionLines: 50 } as const;

/** Tables of data that may be longer than a file of code. */
export const longTables: readonly string[] = [];

/** Where a default export is asked for by others: citty's commands, and text that the bundler embeds. */
export const defaultExports: readonly string[] = ["src/cli/commands/", "src/text-assets.d.ts"];

/** Words of file names that say nothing about what a file holds. */
export const emptyNames: readonly string[] = [
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "manager",
  "service",
  "impl",
];

export function findLayer(path: string): string | undefined {
  const fits = Object.entries(layers).filter(([, layer]) => path.startsWith(`${layer.folder}/`));
  return fits.toSorted(([, a], [, b]) => b.folder.length - a.folder.length)[0]?.[0];
}
