import { expect, test } from "bun:test";
import { join } from "node:path";
import { compareReleases } from "../../../../scripts/lib/claude-drift/compare.ts";
import { readRelease } from "../../../../scripts/lib/claude-drift/read-release.ts";
import { relied } from "../../../../scripts/lib/claude-drift/relied.ts";

const all = relied.map((one) => one.text).join(" ");
const release = (text: string) => readRelease(Buffer.from(text));

test("what is relied on stands in the file that is said to rely on it", async () => {
  for (const { text, file } of relied)
    expect(await Bun.file(join(import.meta.dir, "../../../../src", file)).text()).toContain(text);
});

test("a release with all of it has not drifted", () => {
  const drift = compareReleases(release(all), release(`more ${all}`));
  expect(drift).toEqual({ gone: [], neverThere: [], newCalls: [] });
});

test("what is gone is told with the file that relies on it", () => {
  const without = all.replaceAll("hasCompletedOnboarding", "hasOnboarded");
  expect(compareReleases(release(all), release(without)).gone).toEqual([
    "hasCompletedOnboarding (src/bottle/agent/agent-files.ts)",
  ]);
  expect(compareReleases(release(without), release(all)).neverThere).toEqual([
    "hasCompletedOnboarding (src/bottle/agent/agent-files.ts)",
  ]);
});

test("new calls and features are told, and not those that the gate lets through", () => {
  const newer = `${all} post("/v1/messages") get("/v1/memories") "dream-mode-2026-11-01" "web-search-2026-12-01"`;
  expect(compareReleases(release(`${all} "/v1/messages"`), release(newer)).newCalls).toEqual([
    "/v1/memories",
    "dream-mode-2026-11-01",
  ]);
});

test("finds what lies across two slices of a large program", () => {
  const program = Buffer.alloc(8 * 1024 * 1024 + 100, "x");
  program.write('"/v1/across"', 8 * 1024 * 1024 - 5);
  expect([...readRelease(program).calls]).toEqual(["/v1/across"]);
});
