import { describe, expect, test } from "bun:test";
import type { Transform } from "node:stream";
import { gzipSync } from "node:zlib";
import { openBody } from "../../../../src/sidecar/gate/bound-body.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";

type Headers = Readonly<Record<string, readonly string[]>>;
const open = (headers: Headers, statusCode = 200) => {
  const headersDistinct = Object.fromEntries(Object.entries(headers).map(([name, all]) => [name, [...all]]));
  return openBody({ headersDistinct, statusCode });
};

describe("an answer that cannot be looked through is refused", () => {
  test.each<[Headers, number]>([
    [{}, 206],
    [{}, 226],
    [{ "content-range": ["bytes 0-7/100"] }, 200],
    [{ "content-type": ["multipart/byteranges; boundary=x"] }, 200],
    [{ "content-type": ["text/html; charset=utf-7"] }, 200],
    [{ "content-type": ['text/html; charset="IBM037"'] }, 200],
    [{ "content-type": ["text/plain;Charset = 'hz-gb-2312'"] }, 200],
    [{ "content-type": ["text/html", "text/html; charset=cp500"] }, 200],
    [{ "content-type": ["text/html; charset=utf-8; charset=utf-7"] }, 200],
    [{ "content-encoding": ["compress"] }, 200],
    [{ "content-encoding": ["constructor"] }, 200],
    [{ "content-encoding": ["gzip", "compress"] }, 200],
    [{ "content-encoding": ["gzip, gzip, gzip"] }, 200],
    [{ "transfer-encoding": ["gzip, chunked"] }, 200],
    [{ "transfer-encoding": ["gzip", "chunked"] }, 200],
  ])("%j %p", (headers, status) => {
    expect(() => open(headers, status)).toThrow(Refusal);
    expect(() => open(headers, status)).toThrow(/which the gate cannot look through$/);
  });

  test("without showing what the host made up", () => {
    expect(() => open({ "content-encoding": ["\u001b[31mred"] })).toThrow('compressed as "31mred"');
  });
});

describe("an answer that can be", () => {
  test.each<[Headers, number]>([
    [{}, 0],
    [{ "content-type": ["text/html; charset=UTF-8"], "transfer-encoding": ["Chunked"] }, 0],
    [{ "content-type": ["text/html; charset=utf-16le"] }, 0],
    [{ "content-type": ["text/html; charset="] }, 0],
    [{ "content-type": ["application/x-git-upload-pack-result"], "content-encoding": ["identity"] }, 0],
    [{ "content-encoding": ["gzip"] }, 2],
    [{ "content-encoding": ["gzip, br"] }, 3],
    [{ "content-encoding": ["gzip"], "content-type": ["text/event-stream"] }, 1],
  ])("%j has so many streams: %d", (headers, count) => {
    expect(open(headers)).toHaveLength(count);
  });

  test.each([
    "ascii",
    "us-ascii",
    "utf8",
    "utf-16",
    "utf-32be",
    "ucs-2",
    "iso-8859-1",
    "ISO8859-15",
    "latin1",
    "windows-1252",
    "cp1250",
    "windows-31j",
    "windows-874",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "gbk",
    "gb2312",
    "gb18030",
    "big5",
    "big5-hkscs",
    "macintosh",
    "binary",
  ])("may be written in %s, in which a value's characters are their bytes", (charset) => {
    expect(open({ "content-type": [`text/plain; charset=${charset}`] })).toEqual([]);
  });

  test.each(["iso-8859-x", "iso-8859-123", "xutf-8", "utf-8x", "cp125", "koi8-t", "iso-2022-jp", "big5-x"])(
    "may not be written in %s",
    (charset) => {
      expect(() => open({ "content-type": [`text/plain; charset=${charset}`] })).toThrow(Refusal);
    },
  );

  test("comes in blocks of one size if it was compressed, however it was cut", async () => {
    const streams = open({ "content-encoding": ["gzip"] }) as [Transform, Transform];
    const packed = gzipSync(Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at) % 251)));
    const sizes: number[] = [];
    streams[0].pipe(streams[1]).on("data", (chunk: Buffer) => sizes.push(chunk.length));
    for (let at = 0; at < packed.length; at += 999) streams[0].write(packed.subarray(at, at + 999));
    streams[0].end();
    await new Promise((resolve) => streams[1].once("end", resolve));
    expect(sizes.slice(0, -1).every((size) => size % 65_536 === 0)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(200_000);
  });
});
