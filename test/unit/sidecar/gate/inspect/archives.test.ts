import { expect, test } from "bun:test";
import { deflateRawSync, deflateSync } from "node:zlib";
import { readArchive } from "../../../../../src/sidecar/gate/inspect/archives.ts";
import { Looker } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import { makeUp, put } from "../../../../support/inspect/made-up.ts";
import { aRepository } from "../../../../support/temporary.ts";

const m = makeUp(10);
const token = put("gl", "pat-", m.base64url(15));
const rulesIn = (bytes: Buffer) => new Looker([]).look(bytes, new Coverage()).map((one) => one.rule);

/** A pack of all that HEAD leads to, as a push sends it. */
async function packHead(folder: string): Promise<Buffer> {
  const words = ["git", "-C", folder, "pack-objects", "--stdout", "--revs", "-q"];
  const child = Bun.spawn(words, { stdin: Buffer.from("HEAD\n"), stdout: "pipe" });
  return Buffer.from(await new Response(child.stdout).arrayBuffer());
}

test("reads commits and files of a pack that git made, and finds what is in them", async () => {
  const folder = await aRepository({ ".env": `TOKEN=${token}\n`, "a.txt": m.words(300) });
  const pack = await packHead(folder);
  const body = Buffer.concat([Buffer.from("0000"), pack]);
  expect(body.includes(token)).toBe(false);
  const [opened] = readArchive(body);
  for (const part of ["First", token]) expect(opened?.includes(part)).toBe(true);
  expect(rulesIn(body)).toEqual(["gitlab-token"]);
  // Cut off it is read as far as it goes, and damaged too
  for (const cut of [5, 14, 60, body.length - 25])
    expect(() => readArchive(body.subarray(0, cut))).not.toThrow();
});

test.each([true, false])("reads the entries of a zip, with their sizes in front: %p", (isSized) => {
  const entry = (name: string, text: string) => {
    const data = deflateRawSync(text);
    const head = Buffer.alloc(30);
    head.write("PK\x03\x04", "latin1");
    head.writeUInt16LE(isSized ? 0 : 8, 6);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(isSized ? data.length : 0, 18);
    head.writeUInt16LE(name.length, 26);
    return Buffer.concat([head, Buffer.from(name), data]);
  };
  const zip = Buffer.concat([entry("a.txt", m.words(200)), entry(".env", `TOKEN=${token}`)]);
  expect(rulesIn(zip)).toEqual(["gitlab-token"]);
  expect(rulesIn(entry("a.txt", m.words(200)))).toEqual([]);
});

test("opens no more than so much", () => {
  const header = Buffer.from("PACK\0\0\0\x02\0\0\0\x03", "latin1");
  const bomb = Buffer.concat([Buffer.from([0x30]), deflateSync(Buffer.alloc(3 * 1024 * 1024))]);
  const opened = readArchive(Buffer.concat([header, bomb, bomb, bomb]));
  expect(opened[0]?.length).toBeLessThan(4 * 1024 * 1024);
  expect(readArchive(Buffer.from("no archive PK"))).toEqual([]);
});
