/** Which answers of a bound host can be looked through, and what they are opened with. Throws a `Refusal` for all others. */
import type { IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import * as zlib from "node:zlib";
import { Refusal } from "./refusal.ts";

type MakeStream = () => Transform;

/** Node has zstd since 22.15 */
const makeZstd = (zlib as { readonly createZstdDecompress?: MakeStream }).createZstdDecompress;
/** A server that was asked for none may compress all the same: what it keeps compressed it hands out so */
const decoders: Readonly<Record<string, MakeStream>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  ...(makeZstd && { zstd: makeZstd }),
};
const maxEncodings = 2;

/** Those in which an ASCII character is its one byte, or that byte beside NULs; by their names at IANA and the usual other ones */
const charsets =
  /^(?:us-)?ascii$|^utf-?8$|^utf-?(?:16|32)(?:le|be)?$|^ucs-[24]$|^iso-?8859-?\d{1,2}$|^latin-?1$|^(?:windows|cp)-?125\d$|^windows-(?:31j|874)$|^koi8-[ru]$|^shift[_-]jis$|^euc-(?:jp|kr)$|^gb(?:k|2312|18030)$|^big5(?:-hkscs)?$|^macintosh$|^binary$/;

const partial = new Set([206, 226]);
const blockBytes = 64 * 1024;

/** Streams that open the body, outermost first. */
export function openBody(upstream: Pick<IncomingMessage, "headersDistinct" | "statusCode">): Transform[] {
  const all = (name: string) => listWords(upstream.headersDistinct[name]);
  const types = all("content-type").join(",");
  if (
    partial.has(upstream.statusCode ?? 0) ||
    all("content-range").length > 0 ||
    types.includes("byteranges")
  )
    throw new Refusal(
      "filter",
      "the host sent a part of its answer, which the gate cannot look through",
      502,
    );
  if (all("transfer-encoding").some((name) => name !== "chunked"))
    throw refuse("compressed for transfer as", all("transfer-encoding").join(", "));
  for (const [, charset = ""] of types.matchAll(/charset\s*=\s*["']?([^\s"';,]*)/g))
    if (charset !== "" && !charsets.test(charset)) throw refuse("written in the charset", charset);
  const encodings = all("content-encoding").filter((name) => name !== "identity");
  const makers = encodings.map((name) => (Object.hasOwn(decoders, name) ? decoders[name] : undefined));
  if (makers.length > maxEncodings) throw refuse("compressed as", encodings.join(", "));
  const streams = makers.toReversed().map((make, index) => {
    if (!make) throw refuse("compressed as", encodings.toReversed()[index] ?? "");
    return make();
  });
  const isEvents = types.includes("text/event-stream");
  return streams.length === 0 || isEvents ? streams : [...streams, makeBlocks()];
}

/**
 * Blocks of one size, without regard to where the pieces of what was compressed ended: how well a text is compressed tells what is in it
 * twice, as in the attack called BREACH. Not for events, which must not wait for others.
 */
function makeBlocks(): Transform {
  let held: Buffer[] = [];
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      held.push(chunk);
      size += chunk.length;
      if (size < blockBytes) return callback();
      const bytes = Buffer.concat(held);
      const end = size - (size % blockBytes);
      held = [bytes.subarray(end)];
      size -= end;
      callback(null, bytes.subarray(0, end));
    },
    flush(callback) {
      callback(null, Buffer.concat(held));
    },
  });
}

function listWords(values: readonly string[] | undefined): string[] {
  const words = (values ?? []).flatMap((value) => value.toLowerCase().split(","));
  return words.map((word) => word.trim()).filter(Boolean);
}

function refuse(how: string, name: string): Refusal {
  const shown = name.replaceAll(/[^a-z0-9, _-]/g, "").slice(0, 40);
  return new Refusal("filter", `the answer is ${how} "${shown}", which the gate cannot look through`, 502);
}
