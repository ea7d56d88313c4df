/** One file on its way into a bottle: what a tar entry needs, with the content read only when it is needed. */

export interface FileEntry {
  /** Relative, with `/`; see `byte-path.ts` for names that are no text */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Permission bits */
  readonly mode: number;
  /** Bytes; a file that is opened later has the size that it has then */
  readonly size: number;
  readonly linkTarget?: string;
  /** When it was changed; 1970 if it does not matter */
  readonly changedAt?: Date;
  /** The content of a file */
  readonly read?: () => Promise<Uint8Array>;
  /** In place of `read`, for files of any size: opened when its turn comes */
  readonly open?: () => OpenEntry | Promise<OpenEntry>;
}

/** A file as it is while it is copied. */
export interface OpenEntry {
  readonly mode: number;
  readonly size: number;
  readonly changedAt: Date;
  /** Exactly `size` bytes; a piece is the receiver's only until it asks for the next one. Closes the file at the end */
  pieces(): Iterable<Uint8Array>;
}
