import { expect, test } from "bun:test";
import { isSecretLike, isSecretWhenAsked } from "../../../../../src/sidecar/gate/inspect/secret-like.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";

test.each([
  "production",
  "eu-central-1",
  "didericis",
  "America/New_York",
  "https://registry.example.com/path/to/something9",
  "/usr/local/share/something-2024/x1y2z3",
  "~/projects/app",
  "sam.miller77@example.org",
  "2026-01-14T09:30:12Z",
  "true",
  "8080",
  "node --max-old-space-size=4096",
  "my-long-feature-branch-name",
  "correct-horse-battery-staple",
])("%s is no secret unless it was asked for", (value) => {
  expect(isSecretLike(value)).toBe(false);
});

test("what is random is one, and what is asked for too, but for words", () => {
  const m = makeUp(4);
  for (const value of [m.alnum(20), m.hex(32), m.base64(24), m.base64url(30), m.uuid()])
    expect(isSecretLike(value)).toBe(true);
  expect(
    ["correct-horse-battery-staple", "hunter2hunter2", "production", "short", "12345678"].map(
      isSecretWhenAsked,
    ),
  ).toEqual([true, true, false, false, false]);
});
