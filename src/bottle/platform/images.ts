/** The images that a platform has, gets and makes. Which image a bottle needs is decided above this. */

import type { ServiceImage } from "./services.ts";

export interface FoundImage {
  /** Means this content and no other */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601; empty if the platform does not know */
  readonly created: string;
}

/** What is sent to a builder. */
export interface BuildArchive {
  /** Uncompressed tar that holds the Dockerfile; what fails while a stream is read is what the build fails with */
  readonly tar: Uint8Array | ReadableStream<Uint8Array>;
  /** Where the Dockerfile is in it */
  readonly dockerfile: string;
}

/** `1`: Docker's classic builder. `2`: BuildKit */
export type Builder = "1" | "2";

export interface ImageBuild {
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The stage that is the image; the last one by default */
  readonly target?: string | undefined;
  readonly pack: (builder: Builder) => Promise<BuildArchive>;
  /** What its steps are connected to */
  readonly network: string;
  readonly noCache: boolean;
  readonly signal: AbortSignal;
}

export interface Images {
  /** By a name or an id; undefined if there is no such image. */
  find(reference: string): Promise<FoundImage | undefined>;
  /** What its makers say of it; undefined if there is no such image. */
  describe(reference: string): Promise<ServiceImage | undefined>;
  /** Those that carry the label; the names of one without any are an empty list. */
  list(label: string): Promise<readonly { readonly id: string; readonly names: readonly string[] }[]>;
  /** Gets what the name means now. `tell` gets lines that are safe to print. */
  pull(reference: string, tell: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Its base must be there. `tell` gets lines that are safe to print. */
  build(request: ImageBuild, tell: (line: string) => void): Promise<void>;
  /** What a user types to get it, and to look at it */
  pullCommand(reference: string): string;
  inspectCommand(): string;
  /** True for an error of `build` that comes from outside of the build: another one may come through. */
  mayBuildAgain(error: unknown): boolean;
}
