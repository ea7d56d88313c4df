import { expect, test } from "bun:test";
import { failureOf } from "../../support/failure.ts";
import { readDuration, readHost } from "../../../src/cli/live-words.ts";

test.each([
  ["90s", 90_000],
  ["30m", 1_800_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
])("%s is a time", (text, wanted) => {
  expect(readDuration(text, "--for")).toBe(wanted);
});

test.each(["", "2", "h", "0h", "-1h", "1.5h", "8d", "2 h", "1e3s", "2H"])("%p is not", (text) => {
  expect(() => readDuration(text, "--for")).toThrow("Cannot use");
});

test("a time that cannot be used is answered with the flag that it was given with", async () => {
  const error = await failureOf((async () => readDuration("soon", "--timeout"))());
  expect(error.hint).toBe("Write --timeout=2h.");
});

test("a host is taken as the manifest takes it", () => {
  expect(readHost("Example.COM.")).toBe("example.com");
  expect(readHost("*.example.com")).toBe("*.example.com");
  for (const text of ["https://a.test", "a.test:22", "*", "0x7f.1", "a b"])
    expect(() => readHost(text)).toThrow("as a host");
});
