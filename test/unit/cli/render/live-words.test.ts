import { expect, test } from "bun:test";
import { failureFrom } from "../../../support/failure-from.ts";
import { readDuration, readHost } from "../../../../src/cli/render/live-words.ts";

test.each([
  ["90s", 90_000],
  ["30m", 1_800_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
])("%s is a time", (text, wanted) => {
  expect(readDuration(text, "--for=2h")).toBe(wanted);
});

test.each(["", "2", "h", "0h", "-1h", "1.5h", "8d", "2 h", "1e3s", "2H"])("%p is not", (text) => {
  const failure = failureFrom(() => readDuration(text, "--timeout=30m"));
  expect(failure.message).toStartWith("Cannot use");
  expect(failure.hint).toBe("Write --timeout=30m.");
});

test("a host is taken as the manifest takes it", () => {
  expect(readHost("Example.COM.")).toBe("example.com");
  expect(readHost("*.example.com")).toBe("*.example.com");
  for (const text of ["https://a.test", "a.test:22", "*", "0x7f.1", "a b"])
    expect(() => readHost(text)).toThrow("as a host");
});
