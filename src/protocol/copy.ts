/**
 * What this machine and the copier in a bottle say to each other. The request is one JSON line on stdin. A sender answers with an archive
 * on stdout that ends with its end; it stays until then, and no longer than its stdin is open. A receiver says `ready`, reads an archive
 * from stdin, and says in JSON lines on stdout how that went. Whoever runs in the bottle can answer in the copier's place.
 */
import type { CopySource } from "../archive/copy-place.ts";

export type CopyRequest =
  /** `path` is absolute or begins at the workspace; UTF-8 */
  | { readonly task: "send"; readonly path: string; readonly leavesOutGit: boolean }
  /** `source` undefined: an archive of somebody's own, whose names begin in the folder `path` */
  | { readonly task: "receive"; readonly path: string; readonly source: CopySource | undefined };
