/** What comes out of a bottle waits in a folder of its own, and takes an earlier one's place only as a whole. */
import { describe, expect, test } from "bun:test";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packTar } from "modern-tar";
import {
  keepBrought,
  keepFile,
  keepTranscript,
  openIncoming,
  readLeftOutput,
} from "../../../src/host/incoming-files.ts";
import type { Incoming } from "../../../src/host/incoming-files.ts";
import { aFolder } from "../../support/temporary.ts";

async function put(incoming: Incoming, name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(incoming.folder, name), content);
  return name;
}

async function archive(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: body.length, type: "file" as const },
    body,
  }));
  return packTar(entries);
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    .toSorted();
}

describe("what comes in", () => {
  test("waits in a folder for the user alone, which is gone afterwards, also if a file was not finished", async () => {
    const record = join(await aFolder(), "record");
    const incoming = await openIncoming(record);
    expect((await stat(record)).mode & 0o777).toBe(0o700);
    const file = await incoming.create("a");
    await file.write(Buffer.from("one"));
    expect((await stat(join(incoming.folder, "a"))).mode & 0o777).toBe(0o600);
    await expect(incoming.create("a")).rejects.toThrow("EEXIST");
    await incoming.remove();
    expect(await readdir(record)).toEqual([]);
  });

  test("of a predecessor that was killed is removed, and nothing else of the record", async () => {
    const record = await aFolder({ "incoming-abc/x": "left", "receipt.json": "{}", "brought/a": "1" });
    const incoming = await openIncoming(record);
    expect(await filesBelow(record)).toEqual(["brought/a", "receipt.json"]);
    const name = await put(incoming, "patch", "new");
    expect(await keepFile(incoming, name, record, "receipt.json")).toBe("receipt.json");
    expect(await readFile(join(record, "receipt.json"), "utf8")).toBe("new");
  });
});

describe("files that are brought back", () => {
  test("take the place of earlier ones as a whole, and leave them if none comes", async () => {
    const record = await aFolder({ "brought/old": "1" });
    const incoming = await openIncoming(record);
    const none = await put(incoming, "none.tar", await archive({}));
    expect((await keepBrought(incoming, none, record)).files).toBe(0);
    expect(await filesBelow(join(record, "brought"))).toEqual(["old"]);
    const again = await openIncoming(record);
    const some = await put(again, "some.tar", await archive({ "a/new": "2" }));
    expect((await keepBrought(again, some, record)).files).toBe(1);
    expect(await filesBelow(join(record, "brought"))).toEqual(["a/new"]);
  });
});

describe("a transcript", () => {
  const id = "01234567-89ab-cdef-0123-456789abcdef";

  test("takes the place of the earlier one as a whole, and names claude's session", async () => {
    const record = await aFolder({ "transcript/-old/x.jsonl": "1" });
    const incoming = await openIncoming(record);
    const name = await put(
      incoming,
      "t.tar",
      await archive({ "projects/-w/notes.txt": "n", [`projects/-w/${id}.jsonl`]: "{}" }),
    );
    expect(await keepTranscript(incoming, name, record, "projects")).toEqual({ claudeSession: id });
    expect(await filesBelow(join(record, "transcript"))).toEqual([`-w/${id}.jsonl`, "-w/notes.txt"]);
  });

  test("without a file changes nothing, and one without a session names none", async () => {
    const record = await aFolder({ "transcript/-old/x.jsonl": "1" });
    const empty = await openIncoming(record);
    const none = await put(empty, "t.tar", await archive({}));
    expect(await keepTranscript(empty, none, record, "projects")).toBeUndefined();
    expect(await filesBelow(join(record, "transcript"))).toEqual(["-old/x.jsonl"]);
    const other = await openIncoming(record);
    const name = await put(other, "t.tar", await archive({ [`projects/-w/${id}.jsonl.bak`]: "{}" }));
    expect(await keepTranscript(other, name, record, "projects")).toEqual({ claudeSession: undefined });
  });
});

describe("the list of ignored files", () => {
  const read = async (text: string) => {
    const incoming = await openIncoming(await aFolder());
    return readLeftOutput(incoming, await put(incoming, "left", text));
  };

  test("is taken as far as it has the right form", async () => {
    const list = [{ path: "build/", bytes: 5, isMore: true }, { path: "x".repeat(5_000), bytes: "many" }, 7];
    expect(await read(JSON.stringify(list))).toEqual([
      { path: "build/", bytes: 5, isMore: true },
      { path: "x".repeat(4_096), bytes: 0, isMore: false },
      { path: "undefined", bytes: 0, isMore: false },
    ]);
  });

  test("has at most 200 entries", async () => {
    const entries = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ path: "a" })));
    expect(await read(entries(200))).toHaveLength(200);
    expect(await read(entries(201))).toHaveLength(200);
  });

  test("is refused if it is none", async () => {
    await expect(read("{}")).rejects.toThrow("the wrong form");
  });
});
