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

/** Each inserted text, with what stands around it as it was. */
test.each([
  ["one line", '["a.test", "b.test"]', '["a.test", "b.test", "new.test"]'],
  ["nothing in it", "[]", '["new.test"]'],
  ["nothing but a comment", "[ /* none yet */ ]", '["new.test" /* none yet */ ]'],
  ["a comment at the end", '["a.test" /* needed */]', '["a.test" /* needed */, "new.test"]'],
  ["a trailing comma", '["a.test", ]', '["a.test", "new.test", ]'],
  [
    "lines",
    '[\n\t"a.test", // one\n\t"b.test" // two\n]',
    '[\n\t"a.test", // one\n\t"b.test", // two\n\t"new.test"\n]',
  ],
  ["lines of Windows", '[\r\n  "a.test"\r\n]', '[\r\n  "a.test",\r\n  "new.test"\r\n]'],
  ["a comment to the end of the line", '["a.test" // one\n]', '["a.test", // one\n    "new.test"\n]'],
])("a list with %s keeps its form", (_, list, wanted) => {
  const file = (text: string) =>
    `{\n    "bottles": { "dev": { "egress": {"allowlist":${text}} } }, // end\n}\n`;
  // A comma goes in front of a comment or behind it; both are the same list
  const edited = insertHost(file(list), "dev", "allowlist", "new.test");
  expect([file(wanted), file(wanted.replace(" /* needed */,", ", /* needed */"))]).toContain(edited);
  const { bottles } = parseManifests([{ path: "/m", shownPath: "m", scope: "home", text: edited }]);
  expect(bottles.get("dev")?.egress.allowlist.at(-1)?.host).toBe("new.test");
});

test.each([
  ["{}", '{ "egress": { "http": ["new.test"] } }'],
  ['{ "auth": "gate" }', '{ "auth": "gate", "egress": { "http": ["new.test"] } }'],
  ['{"egress":{}}', '{"egress":{ "http": ["new.test"] }}'],
])("a bottle %s gets what is missing on its line", (bottle, wanted) => {
  const file = (one: string) => `{ "bottles": { "dev": ${one} } }`;
  expect(insertHost(file(bottle), "dev", "http", "new.test")).toBe(file(wanted));
});
