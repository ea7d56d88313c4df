/** Opens compressed bodies of requests, so that what is in them can be looked at; what goes on is what came. */
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

interface Coding {
  readonly whole: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
  readonly stream: () => Transform;
}

/** Node has zstd since 22.15 */
const { zstdDecompressSync, createZstdDecompress } = zlib as {
  readonly zstdDecompressSync?: Coding["whole"];
  readonly createZstdDecompress?: Coding["stream"];
};

const gzip: Coding = { whole: zlib.gunzipSync, stream: zlib.createGunzip };
const codings: Readonly<Record<string, Coding>> = {
  gzip,
  "x-gzip": gzip,
  deflate: { whole: zlib.inflateSync, stream: zlib.createInflate },
  br: { whole: zlib.brotliDecompressSync, stream: zlib.createBrotliDecompress },
  ...(zstdDecompressSync &&
    createZstdDecompress && { zstd: { whole: zstdDecompressSync, stream: createZstdDecompress } }),
};

/** Of what a compressed body of some kilobytes may grow to */
const mostOpened = 8 * 1024 * 1024;

/** The codings of a body, outermost first; an unknown one ends the list. */
export function listCodings(values: readonly string[]): string[] {
  const names = values
    .flatMap((value) => value.toLowerCase().split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity" && name !== "aws-chunked")
    .toReversed();
  const unknown = names.findIndex((name) => !Object.hasOwn(codings, name));
  return unknown < 0 ? names : names.slice(0, unknown);
}

/** Too much came out of a body. */
export class TooLarge extends Error {}

/** A whole body, opened; undefined if it is not what it says. Throws a `TooLarge`. */
export function openWhole(body: Buffer, names: readonly string[]): Buffer | undefined {
  let opened = body;
  try {
    for (const name of names)
      opened = codings[name]?.whole(opened, { maxOutputLength: mostOpened }) ?? opened;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw new TooLarge();
    return undefined;
  }
  return opened;
}

/** A stream that opens one coding. */
export function makeOpener(name: string): Transform | undefined {
  return codings[name]?.stream();
}
