/** One file on its way into a bottle: what a tar entry needs, with the content read only when it is needed. */

export interface FileEntry {
  /** Relative, with `/` */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Permission bits */
  readonly mode: number;
  /** Bytes; exactly what `read` will give */
  readonly size: number;
  readonly linkTarget?: string;
  /** When it was changed; 1970 if it does not matter */
  readonly changedAt?: Date;
  /** The content of a file */
  readonly read?: () => Promise<Uint8Array>;
}
