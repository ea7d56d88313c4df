/**
 * Opening files below a folder so that no link is followed on the way, even if somebody puts one there in between. Linux opens each folder
 * once, and the next from the open one (`/proc/self/fd`), which costs nothing per file; elsewhere the opened file's path is looked up again.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import type { Stats } from "node:fs";
import { encodePath, hasStrangeBytes } from "../core/byte-path.ts";

export interface OpenFile {
  readonly descriptor: number;
  readonly status: Stats;
}

export interface OpenFolders {
  /** A plain file; throws with a sentence for anything else. `path` is relative, with `/` */
  openFile(path: string): OpenFile;
  close(): void;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** `root` is absolute and without links. */
export function openFolders(root: string): OpenFolders {
  return existsSync("/proc/self/fd") ? openByDescriptors(root) : openByPaths(root);
}

function openByDescriptors(root: string): OpenFolders {
  /** The folders on the way to the last file, outermost first */
  const open: { readonly name: string; readonly descriptor: number }[] = [];
  let rootDescriptor: number | undefined;
  const closeFrom = (depth: number) => {
    for (const one of open.splice(depth)) closeSync(one.descriptor);
  };
  return {
    openFile(path) {
      rootDescriptor ??= openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
      const names = path.split("/");
      const last = names.pop() ?? "";
      let depth = 0;
      while (depth < names.length && open[depth]?.name === names[depth]) depth += 1;
      closeFrom(depth);
      for (const name of names.slice(depth)) {
        const parent = open.at(-1)?.descriptor ?? rootDescriptor;
        open.push({ name, descriptor: openSync(pathFor(`/proc/self/fd/${parent}/${name}`), folderFlags) });
      }
      const parent = open.at(-1)?.descriptor ?? rootDescriptor;
      return requirePlain(openSync(pathFor(`/proc/self/fd/${parent}/${last}`), fileFlags));
    },
    close() {
      closeFrom(0);
      if (rootDescriptor !== undefined) closeSync(rootDescriptor);
      rootDescriptor = undefined;
    },
  };
}

function openByPaths(root: string): OpenFolders {
  return {
    openFile(path) {
      const full = `${root}/${path}`;
      const file = requirePlain(openSync(pathFor(full), fileFlags));
      // Such systems may spell it another way
      if (fold(realpathSync(full)) === fold(full)) return file;
      closeSync(file.descriptor);
      throw new Error("a folder above it is a link now");
    },
    close: () => undefined,
  };
}

function requirePlain(descriptor: number): OpenFile {
  const status = fstatSync(descriptor);
  if (status.isFile()) return { descriptor, status };
  closeSync(descriptor);
  throw new Error("it is no longer a plain file");
}

/** The runtime takes names that are no text only as bytes. */
export function pathFor(path: string): string | Buffer {
  return hasStrangeBytes(path) ? Buffer.from(encodePath(path)) : path;
}

const shared = Buffer.alloc(1024 * 1024);

/**
 * The content in pieces, exactly as long as the file was when it was opened; each is good until the next one is asked for. Closes the
 * file. Throws if it has become shorter meanwhile.
 */
export function* readPieces({ descriptor, status }: OpenFile): Generator<Uint8Array> {
  try {
    for (let left = status.size; left > 0;) {
      const read = readSync(descriptor, shared, 0, Math.min(left, shared.length), null);
      if (read === 0) throw new Error("it became shorter while it was copied");
      left -= read;
      yield shared.subarray(0, read);
    }
  } finally {
    closeSync(descriptor);
  }
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
