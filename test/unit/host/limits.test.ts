/** What is read of files and archives, exactly at its limits and one off. */
import { describe, expect, test } from "bun:test";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { isPlainName, placeRefs } from "../../../src/host/bottle-refs.ts";
import { parseBundleHeader } from "../../../src/host/bundle-header.ts";
import { findText } from "../../../src/host/files.ts";
import { unpackTranscript } from "../../../src/host/transcript-files.ts";
import { TypedAnswer } from "../../../src/host/typed-answer.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

const id = "1".repeat(40);

describe("the name of a ref", () => {
  test("has parts of up to 120 bytes and 400 in all", () => {
    expect(isPlainName("a".repeat(120))).toBe(true);
    expect(isPlainName("a".repeat(121))).toBe(false);
    // Two bytes each
    expect([isPlainName("é".repeat(60)), isPlainName(`${"é".repeat(60)}a`)]).toEqual([true, false]);
    const whole = (length: number) => `${`${"a".repeat(99)}/`.repeat(10)}`.slice(0, length - 1);
    expect(isPlainName(`${whole(400)}b`)).toBe(true);
    expect(isPlainName(`${whole(401)}b`)).toBe(false);
  });

  test.each([
    "@",
    "HEAD",
    "a/@",
    "a/HEAD",
    "a..b",
    "a@{b",
    "-a",
    "a/.b",
    "a.lock",
    "a.LOCK/b",
    "a.",
    "",
    "a//b",
    "/a",
  ])("is not %j", (name) => {
    expect(isPlainName(name)).toBe(false);
  });

  test.each(["a@b", "HEADs", "a.b", "a-", "a.locks", "é/日"])("may be %j", (name) => {
    expect(isPlainName(name)).toBe(true);
  });

  test("that could not be kept is made of the id, with a number from the second on", () => {
    const refs = ["-a", "-b", "-c"].map((name) => ({ id, name: `refs/heads/${name}` }));
    expect(placeRefs("s", refs, []).map(({ target }) => target)).toEqual([
      `refs/bottles/s/heads/renamed-${id.slice(0, 12)}`,
      `refs/bottles/s/heads/renamed-${id.slice(0, 12)}-2`,
      `refs/bottles/s/heads/renamed-${id.slice(0, 12)}-3`,
    ]);
  });
});

describe("the header of a bundle", () => {
  const bundle = (...lines: string[]) => Buffer.from(`${["# v2 git bundle", ...lines].join("\n")}\n\nPACK`);
  const refs = (count: number) => Array.from({ length: count }, (_, index) => `${id} refs/heads/${index}`);

  test("has up to 4,000 branches", () => {
    expect(parseBundleHeader(bundle(...refs(4_000))).refs).toHaveLength(4_000);
    expect(() => parseBundleHeader(bundle(...refs(4_001)))).toThrow("it has more than 4000 branches");
  });

  test("ends in front of the pack", () => {
    const bytes = bundle(...refs(1));
    expect(bytes.toString("latin1", parseBundleHeader(bytes).packOffset)).toBe("PACK");
    expect(() => parseBundleHeader(bytes.subarray(0, -6))).toThrow("its header has no end");
    expect(() => parseBundleHeader(Buffer.from("\n\n# v2 git bundle"))).toThrow("it is not a bundle");
  });

  test.each([39, 41, 63, 65])("has no id of %p characters", (length) => {
    expect(() => parseBundleHeader(bundle(`${"1".repeat(length)} refs/heads/a`))).toThrow("does not belong");
  });
});

test("a text has up to 16 MiB", async () => {
  const path = join(await aFolder(), "text");
  await writeFile(path, "");
  await truncate(path, 16 * 1024 * 1024);
  expect((await findText(path))?.length).toBe(16 * 1024 * 1024);
  await truncate(path, 16 * 1024 * 1024 + 1);
  expect((await failureOf(findText(path))).message).toContain("it is larger than 16");
});

describe("a transcript", () => {
  const entry = (name: string, size = 1): Parameters<typeof packTar>[0][number] => ({
    header: { name, size, type: "file", mtime: new Date(1_600_000_000_000) },
    body: "x".repeat(size),
  });

  async function unpack(...entries: Parameters<typeof packTar>[0]) {
    const [parent, folder] = [await aFolder(), await aFolder()];
    const archive = join(parent, "x.tar");
    await writeFile(archive, await packTar(entries));
    return { names: await unpackTranscript(archive, folder), folder, archive };
  }

  test("has names of up to 400 characters in parts of up to 200", async () => {
    const part = "p".repeat(199);
    const names = [
      `${part}/${"a".repeat(200)}`,
      `${part}/${"b".repeat(201)}`,
      "c".repeat(200),
      "d".repeat(201),
    ];
    // 400, 401, 200 and 201 characters
    expect((await unpack(...names.map((name) => entry(name)))).names).toEqual([
      names[0],
      names[2],
    ] as string[]);
  });

  test.each([0, 1, 511, 512, 513, 256 * 1024, 256 * 1024 + 1])(
    "has a file of %p bytes, and the one behind it",
    async (size) => {
      const { names, folder } = await unpack(entry("a", size), entry("b"));
      expect(names).toEqual(["a", "b"]);
      expect((await Bun.file(join(folder, "a")).text()).length).toBe(size);
      expect(await Bun.file(join(folder, "b")).text()).toBe("x");
    },
  );

  test("that is cut off gives what is whole in front of that", async () => {
    const { archive } = await unpack(entry("a"), entry("b"));
    // The header and the block of each
    await truncate(archive, 3 * 512 - 1);
    const folder = await aFolder();
    expect(await unpackTranscript(archive, folder)).toEqual(["a"]);
  });
});

describe("a typed answer", () => {
  const type = (...bytes: number[]) => {
    const answer = new TypedAnswer();
    answer.push(Uint8Array.from(bytes));
    return { value: answer.value().toString("latin1"), ignored: answer.ignored, state: answer.state };
  };
  const text = (one: string) => [...Buffer.from(one, "latin1")];

  test("takes of all bytes those that are text, each once", () => {
    const taken = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => type(0x61, byte, 0x62).value.length === 3,
    );
    const isText = (byte: number) =>
      byte === 9 || byte === 10 || byte === 13 || (byte >= 0x20 && byte !== 0x7f);
    expect(taken).toEqual(Array.from({ length: 256 }, (_, byte) => byte).filter(isText));
  });

  test("leaves a key out up to its last byte, whichever that is", () => {
    for (let final = 0x40; final < 0x7f; final += 1) {
      // Linux's function keys have one more
      if (final === 0x5b) continue;
      expect(type(...text("a\u001b[1;2"), final, ...text("b"))).toEqual({
        value: "ab",
        ignored: 1,
        state: "open",
      });
    }
    expect(type(...text("a\u001b[1?b")).value).toBe("a");
    expect(type(...text("a\u001b[12/~b")).value).toBe("ab");
  });

  test("has no part of a key when a control character breaks it off", () => {
    for (const begin of ["\u001b[1", "\u001bO", "\u001b]x"]) {
      expect(type(...text(`a${begin}\rb`)).value).toBe("a\nb");
      expect(type(...text(`a${begin}\u001fb`))).toMatchObject({ value: "ab", ignored: 2 });
      expect(type(...text(`a${begin}\u0007b`))).toMatchObject({ value: "ab", ignored: 1 });
    }
  });

  test("loses a whole character to the key that erases, of any length", () => {
    const type8 = (one: string) => Buffer.from(type(...Buffer.from(one)).value, "latin1").toString();
    for (const one of ["b", "é", "日", "🎉"]) expect(type8(`a${one}\u007f`)).toBe("a");
    expect(type8("\u007f\u007fa")).toBe("a");
  });
});
