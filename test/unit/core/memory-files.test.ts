import { expect, test } from "bun:test";
import { isMemoryPath, readMemoryText } from "../../../src/core/memory-files.ts";

test("files of a memory are Markdown files with plain names, four folders deep at most", () => {
  for (const path of ["MEMORY.md", "a b.md", "_x/y@1.md", "a/b/c/d.md", `${"a".repeat(297)}.md`])
    expect([path, isMemoryPath(path)]).toEqual([path, true]);
  const others = ["a.txt", ".md", ".hidden.md", "a/.git/x.md", "../a.md", "/a.md", "a//b.md", "-x.md", ""];
  const odd = ["a/b/c/d/e.md", "a\u001b[2J.md", "ä.md", "a\n.md", "a./b.md", "a /b.md", "a\\b.md"];
  for (const path of [...others, ...odd, `${"a".repeat(298)}.md`])
    expect([path, isMemoryPath(path)]).toEqual([path, false]);
});

test("only UTF-8 without a NUL is text, and it stays what it is", () => {
  expect(readMemoryText(Buffer.from("\ufeffä\r\n"))).toBe("\ufeffä\r\n");
  expect(readMemoryText(Buffer.from([0x61, 0xff]))).toBeUndefined();
  expect(readMemoryText(Buffer.from("a\0b"))).toBeUndefined();
});
