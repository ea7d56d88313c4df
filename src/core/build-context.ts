/** The folder that a Dockerfile copies from, as it was read: listed and digested, its contents read again when they are sent. */
import type { FileEntry } from "./file-entry.ts";

export interface BuildContext {
  /** Absolute, and no link leads there */
  readonly directory: string;
  /** Sorted, folders before what is in them; without the Dockerfile, which is sent as the text that was approved */
  readonly entries: readonly FileEntry[];
  /** Files and links, without folders */
  readonly count: number;
  readonly bytes: number;
  /** SHA-256 of names, modes, link targets and contents */
  readonly digest: string;
  /** Where the Dockerfile is in it; undefined if it is elsewhere */
  readonly dockerfile: string | undefined;
  /** The ignore file names the Dockerfile itself, so that no COPY is to take it */
  readonly hidesDockerfile: boolean;
  /** The folder is the user's home folder */
  readonly isHome: boolean;
}
