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

export const layers: Readonly<Record<string, Layer>> = {
  core: { ...pure, folder: "src/core", imports: [] },
  manifest: {
    ...pure,
    folder: "src/manifest",
    imports: ["core"],
    packages: ["valibot", "jsonc-parser", "@valibot/to-json-schema"],
    builtIns: ["node:crypto"],
  },
  plan: { ...pure, folder: "src/plan", imports: ["core", "manifest"], builtIns: ["node:crypto"] },
  archive: {
    ...closed,
    folder: "src/archive",
    imports: ["core"],
    builtIns: ["node:buffer", "node:fs", "node:fs/promises"],
  },
  engine: {
    ...closed,
    folder: "src/engine",
    imports: ["core", "archive"],
    packages: ["modern-tar"],
    builtIns: ["*"],
  },
  host: {
    ...closed,
    folder: "src/host",
    imports: ["core", "archive"],
    packages: ["consola"],
    builtIns: ["*"],
    process: "some",
  },
  // Its programs run elsewhere, under Node, where they are their own composition roots
  sidecar: {
    ...closed,
    folder: "src/sidecar",
    imports: ["core", "archive"],
    // Bundled into the gate
    packages: ["@secretlint/secretlint-rule-preset-recommend"],
    builtIns: ["node:*"],
    process: "all",
  },
  bottle: {
    ...closed,
    folder: "src/bottle",
    imports: ["core", "plan", "types archive"],
    builtIns: ["node:crypto"],
  },
  "bottle/docker": {
    ...closed,
    folder: "src/bottle/docker",
    imports: [
      "core",
      "plan",
      "bottle",
      "engine",
      "types manifest",
      "types archive",
      // Only what the two sides must agree on; how the gate works inside is not its business
      "src/sidecar/programs.ts",
      "src/sidecar/gate/protocol.ts",
      "src/sidecar/gate/protocol-findings.ts",
      "src/sidecar/collect/protocol.ts",
      "src/sidecar/copy/protocol.ts",
      "src/sidecar/probe/protocol.ts",
    ],
    // Timers and streams in memory: neither is a way to the outside
    builtIns: ["node:crypto", "node:events", "node:stream", "node:timers/promises"],
  },
  session: {
    ...closed,
    folder: "src/session",
    imports: ["core", "manifest", "plan", "host", "bottle"],
    builtIns: ["node:crypto", "node:path", "node:timers/promises"],
  },
  cli: {
    ...closed,
    folder: "src/cli",
    imports: ["core", "manifest", "plan", "host", "bottle", "session"],
    packages: ["citty"],
    builtIns: ["node:crypto", "node:path", "node:timers/promises"],
  },
  // The composition root: `src/main.ts`, `src/wiring.ts`
  root: {
    ...closed,
    folder: "src",
    imports: [
      "core",
      "manifest",
      "plan",
      "engine",
      "host",
      "sidecar",
      "bottle",
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
