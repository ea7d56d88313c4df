/** The outside as values: made once in the composition root, given to whoever needs it, replaced in tests. */

import type { WayOut } from "./way-out.ts";

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute */
  readonly cwd: string;
  /** Absolute */
  readonly home: string;
  readonly uid: number;
  /** Set where what is kept stands in a temporary folder, since the home folder has no place for it */
  readonly temporaryState?: string;
  /** Set where this process can let go of its terminal and go on */
  readonly wayOut?: WayOut;
  readonly platform: string;
  readonly pid: number;
  readonly stdin: NodeJS.ReadStream;
  /** The bytes of `stdin`, for whoever reads it to its end or for a session; there is one reader at a time */
  readonly openInput: () => ReadableStream<Uint8Array>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Colour only for people at a terminal who did not ask for none (https://no-color.org). */
export function hasColor(world: World): boolean {
  return world.stderr.isTTY === true && !world.env["NO_COLOR"] && world.env["TERM"] !== "dumb";
}

/** What a stream shows: colours as `hasColor` says, and how many characters a line of it has; undefined where it is no terminal. */
export function screenOf(
  world: World,
  stream: NodeJS.WriteStream,
): { readonly hasColor: boolean; readonly width: number | undefined } {
  const isTerminal = stream.isTTY === true;
  return { hasColor: hasColor(world) && isTerminal, width: (isTerminal && stream.columns) || undefined };
}

/** A path as people know it: `~` for home, relative below the working directory. */
export function shortenPath(path: string, world: Pick<World, "cwd" | "home">): string {
  if (path.startsWith(`${world.cwd}/`)) return path.slice(world.cwd.length + 1);
  return path === world.home || path.startsWith(`${world.home}/`)
    ? `~${path.slice(world.home.length)}`
    : path;
}

/** `~/x` to an absolute path; other relative paths stand below `base`. */
export function expandPath(path: string, home: string, base: string): string {
  if (path === "~" || path.startsWith("~/")) return home + path.slice(1);
  return path.startsWith("/") ? path : `${base}/${path.replace(/^\.\//, "")}`;
}
