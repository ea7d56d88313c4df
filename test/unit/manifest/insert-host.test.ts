import { expect, test } from "bun:test";
import { insertHost } from "../../../src/manifest/insert-entry.ts";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";

const text = `{
  // mine
  "bottles": {
    "dev": { "egress": { "allowlist": ["a.test" /* needed */, ], "private": [] } },
    "bare": {}
  }
}
`;

test.each([
  ["dev", "allowlist", ["a.test", "new.test"]],
  ["dev", "private", ["new.test"]],
  ["bare", "allowlist", ["new.test"]],
] as const)("a host joins %s's %s, and comments stay", (bottle, list, wanted) => {
  const edited = insertHost(text, bottle, list, "new.test");
  const { bottles } = parseManifests([{ path: "/m", shownPath: "m", scope: "home", text: edited }]);
  expect(bottles.get(bottle)?.egress[list].map((one) => one.host)).toEqual([...wanted]);
  expect(edited).toContain("// mine");
  expect(edited).toContain("/* needed */");
});
