import { expect, test } from "bun:test";
import { boundsPolicy, describeBounds } from "../../../src/plan/describe-bounds.ts";
import { parseAmount } from "../../../src/core/amounts.ts";
import { aBottle, aManifest, aPlan, problemsOf } from "../../support/manifests.ts";

const egress = { allowlist: ["github.com", "*.example.com"] };
const withBounds = (bounds: unknown) => ({ bottles: { dev: { egress, bounds } } });

test.each([
  ["500kb", 512_000],
  ["20mb", 20 * 1024 ** 2],
  ["20m", 20 * 1024 ** 2],
  ["1.5GiB", 1.5 * 1024 ** 3],
  ["20", undefined],
  ["0mb", undefined],
  ["-1mb", undefined],
  ["2 mb", undefined],
])("the amount %s is %p bytes", (text, bytes) => {
  expect(parseAmount(text)).toBe(bytes);
});

test("bounds are read with their place, and shown", () => {
  const { bounds = [], egress: read } = aBottle({
    egress,
    bounds: { "GitHub.com": { upload: "20mb", requests: 500 }, "api.example.com": { requests: 1 } },
  });
  expect(bounds).toMatchObject([
    { host: "github.com", uploadBytes: 20 * 1024 ** 2, requests: 500 },
    { host: "api.example.com", requests: 1 },
  ]);
  expect(read.allowlist).toHaveLength(2);
  const plan = { egress: { ...aPlan().egress, bounds } };
  expect(describeBounds(plan).map((row) => row.slice(0, 2))).toEqual([
    ["github.com", "at most 20.0 MiB up and 500 requests in this session"],
    ["api.example.com", "at most 1 request in this session"],
  ]);
  expect(boundsPolicy(plan)).toEqual([
    "bound github.com upload=20971520 requests=500",
    "bound api.example.com upload=any requests=1",
  ]);
});

test("a bound of the bottle's own replaces that of what it stands on", () => {
  const bottles = {
    base: { egress, bounds: { "github.com": { upload: "1mb" }, "example.com": { requests: 3 } } },
    dev: { extends: "base", bounds: { "github.com": { upload: "2mb" } } },
  };
  const bounds = aManifest({ bottles }).bottles.get("dev")?.bounds ?? [];
  expect(bounds.map(({ host, uploadBytes }) => [host, uploadBytes])).toEqual([
    ["example.com", undefined],
    ["github.com", 2 * 1024 ** 2],
  ]);
});

test.each([
  [{ "gitlab.com": { upload: "1mb" } }, "is not allowed by this bottle"],
  [{ "github.com": { upload: "much" } }, 'must be an amount such as "20mb"'],
  [{ "github.com": { requests: 0 } }, "must be at least 1"],
  [{ "git hub": {} }, "is not a host"],
  [{ "github.com": { download: "1mb" } }, "is not a known key"],
])("%j is refused", (bounds, words) => {
  expect(problemsOf(withBounds(bounds)).join("\n")).toContain(words);
});
