import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { rewriteAdvertisement } from "../../../../../src/sidecar/gate/git/advertisement.ts";
import { readFetchRequest } from "../../../../../src/sidecar/gate/git/fetch-request.ts";
import { readGitCall } from "../../../../../src/sidecar/gate/git/git-call.ts";
import { readLfsBatch } from "../../../../../src/sidecar/gate/git/lfs.ts";
import { readPackets, writePacket } from "../../../../../src/sidecar/gate/git/pkt-line.ts";

const object = "a".repeat(64);

describe("calls of git", () => {
  test.each([
    ["GET", "/acme/shop.git/info/refs?service=git-upload-pack", { kind: "refs", service: "git-upload-pack" }],
    ["GET", "/acme/shop/info/refs?service=git-receive-pack", { kind: "refs", service: "git-receive-pack" }],
    ["POST", "/acme/shop.git/git-upload-pack", { kind: "fetch" }],
    ["POST", "/acme/shop.git/git-receive-pack", { kind: "push" }],
    ["POST", "/acme/shop.git/info/lfs/objects/batch", { kind: "lfs-batch" }],
    ["POST", "/acme/shop.git/info/lfs/locks/verify", { kind: "lfs-locks" }],
    ["GET", `/acme/shop.git/info/lfs/objects/${object}`, { kind: "lfs-object" }],
  ])("%s %s", (method, target, call) =>
    expect(readGitCall(method, target)).toEqual({ ...call, repo: "acme/shop" } as never),
  );

  test.each([
    ["POST", "/acme/shop.git/info/refs?service=git-upload-pack"],
    ["GET", "/acme/shop.git/git-upload-pack"],
    ["get", "/acme/shop.git/info/refs?service=git-upload-pack"],
    ["GET", "/acme/shop.git/info/refs"],
    ["GET", "/acme/shop.git/info/refs?"],
    ["GET", "/acme/shop.git/info/refs?service=git-upload-pack&x=1"],
    ["GET", "/acme/shop.git/info/refs?x=1&service=git-upload-pack"],
    ["GET", "/acme/shop.git/info/refs?service=git%2dupload-pack"],
    ["GET", "/acme/shop.git/info/refs?Service=git-upload-pack"],
    ["GET", "/acme/shop.git/info/refs#?service=git-upload-pack"],
    ["GET", "/acme/shop.git/INFO/refs?service=git-upload-pack"],
    ["GET", "/info/refs?service=git-upload-pack"],
    ["GET", "/acme/x.git/info/refs/info/refs?service=git-upload-pack"],
    ["GET", "/acme/../evil/info/refs?service=git-upload-pack"],
    ["GET", "/acme/./shop/info/refs?service=git-upload-pack"],
    ["GET", "/acme/sh%6fp/info/refs?service=git-upload-pack"],
    ["GET", "/acme\\shop/info/refs?service=git-upload-pack"],
    ["GET", "https://git.test/acme/shop/info/refs?service=git-upload-pack"],
    ["GET", "//evil/acme/shop/info/refs?service=git-upload-pack"],
    ["POST", "/acme/shop.git/git-receive-pack?x=1"],
    ["POST", "/acme/shop.git/git-receive-pack/"],
    ["POST", "/acme/shop.git/git-upload-archive"],
    ["POST", "/acme/shop.git/info/lfs/locks"],
    ["PUT", `/acme/shop.git/info/lfs/objects/${object}`],
    ["GET", `/acme/shop.git/info/lfs/objects/${object}/verify`],
    ["GET", `/acme/shop.git/info/lfs/objects/x/info/lfs/objects/${object}`],
    ["GET", "/repos/acme/shop/contents/a"],
  ])("%s %s is none", (method, target) => expect(readGitCall(method, target)).toBeUndefined());
});

describe("bodies of a fetch", () => {
  const id = "a".repeat(40);
  const packets = (...all: string[]) => Buffer.concat(all.map((one) => writePacket(one)));

  test("are packets of git's, opened if they are compressed", () => {
    const v2 = packets(
      "command=fetch",
      "agent=git/2.39.5",
      "object-format=sha1",
      "delimiter",
      "thin-pack",
      "ofs-delta",
      `want ${id}\n`,
      `have ${id}`,
      "filter blob:none",
      "done",
      "flush",
    );
    expect(readFetchRequest(gzipSync(v2), "gzip")).toEqual(v2);
    const v0 = packets(
      `want ${id} multi_ack_detailed side-band-64k agent=git/2.39.5\n`,
      `want ${id}\n`,
      `shallow ${id}`,
      "deepen 1",
      "flush",
      `have ${id}\n`,
      "done\n",
    );
    expect(readFetchRequest(v0, "")).toEqual(v0);
  });

  test.each([
    ["is not one of a fetch", packets("command=fetch", "delimiter", "secret abc", "flush"), ""],
    ["is not one of a fetch", packets("command=receive", "flush"), ""],
    ["is not one of a fetch", packets("command=fetch", "server-option=x", "flush"), ""],
    ["ends within a packet", Buffer.from("0032want"), ""],
    ["no length", Buffer.from("{}  "), ""],
    ["cannot be opened", Buffer.from("x"), "gzip"],
    ["cannot be opened", gzipSync(Buffer.alloc(17 * 1024 * 1024)), "gzip"],
    ["coding", Buffer.from(""), "br"],
  ])("%s", (problem, body, coding) => expect(() => readFetchRequest(body, coding)).toThrow(problem));
});

describe("what a server offers for a push", () => {
  const ref = `${"a".repeat(40)} refs/heads/main`;
  const listed = (capabilities: string) =>
    Buffer.concat([
      writePacket("# service=git-receive-pack\n"),
      writePacket("flush"),
      writePacket(`${ref}\0${capabilities}\n`),
      writePacket(`${ref}2\n`),
      writePacket("flush"),
    ]);

  test("is without signed pushes and options, and asks for packs that have all they need", () => {
    const bytes = listed("report-status atomic push-cert=nonce push-options ofs-delta");
    const rewritten = rewriteAdvertisement(bytes);
    const after = Buffer.concat([rewritten?.written ?? Buffer.alloc(0), bytes.subarray(rewritten?.read)]);
    const texts = readPackets(after).map(String);
    expect(texts[2]).toBe(`${ref}\0report-status atomic ofs-delta no-thin\n`);
    expect(texts.slice(3)).toEqual([`${ref}2\n`, "flush"]);
  });

  test("waits for its beginning, and refuses what has none", () => {
    const bytes = listed("report-status");
    expect(rewriteAdvertisement(bytes.subarray(0, 60))).toBeUndefined();
    expect(() => rewriteAdvertisement(Buffer.from("<html>"))).toThrow("no length");
  });
});

describe("large files", () => {
  const body = (value: unknown) => Buffer.from(JSON.stringify(value));

  test("may be fetched, with what is known of the question and nothing else", () => {
    const asked = {
      operation: "download",
      transfers: ["basic", "custom"],
      ref: { name: "x" },
      objects: [{ oid: object, size: 3, extra: 1 }],
    };
    expect(JSON.parse(readLfsBatch(body(asked)).toString())).toEqual({
      operation: "download",
      transfers: ["basic"],
      objects: [{ oid: object, size: 3 }],
      hash_algo: "sha256",
    });
  });

  test.each([
    ["may be fetched, but not pushed", body({ operation: "upload", objects: [] })],
    ["is no request", body({ operation: "Upload", objects: [] })],
    ["is no request", body([])],
    ["an object that is none", body({ operation: "download", objects: [{ oid: "x", size: 1 }] })],
    ["not JSON", Buffer.from("{")],
  ])("%s", (problem, asked) => expect(() => readLfsBatch(asked)).toThrow(problem));

  test("of two operations in one body the one that is read goes on", () => {
    const twice = Buffer.from('{"operation":"upload","objects":[],"operation":"download"}');
    expect(JSON.parse(readLfsBatch(twice).toString())["operation"]).toBe("download");
  });
});
