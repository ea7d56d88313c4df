import { describe, expect, test } from "bun:test";
import { BottleError } from "../../../src/core/error.ts";
import { renderSettingsSchema } from "../../../src/manifest/json-schema.ts";
import { parseOwnSettings } from "../../../src/manifest/own-settings.ts";

const known = { filter: ["2.3", "3.5"], platform: ["docker"] };
const shown = "~/.config/claude-bottle/settings.jsonc";

function refuse(text: string): readonly string[] {
  try {
    parseOwnSettings(text, shown, known);
  } catch (error) {
    if (error instanceof BottleError) return error.details;
    throw error;
  }
  return [];
}

describe("the user's settings", () => {
  test("are JSON with comments, and each knows its place", () => {
    const text = '\ufeff{\n  // a release with fixes\n  "filter": "3.5",\n  "platform": "docker",\n}\n';
    expect(parseOwnSettings(text, shown, known)).toEqual({
      filter: { value: "3.5", place: `${shown}:3:3` },
      platform: { value: "docker", place: `${shown}:4:3` },
    });
    expect(parseOwnSettings('{ "$schema": "./settings.schema.json" }', shown, known)).toEqual({});
  });

  test.each([
    ['{ "filte": "3.5" }', ['1:3  filte is not a known key; did you mean "filter"?']],
    ['{ "egress": "none" }', ["1:3  egress is not a known key; known here: $schema, filter, platform"]],
    ['{\n  "filter": "3"\n}', ['2:13  filter must be "2.3" or "3.5", not "3"']],
    ['{ "filter": 3.5 }', ['1:13  filter must be "2.3" or "3.5", not 3.5']],
    ['{ "filter": "3.5", "filter": "2.3" }', ["1:20  filter appears twice; keep one"]],
    ['{ "__proto__": {} }', ["1:3  __proto__ is not a key that can be used"]],
    ["[]", ["1:1  the file must be an object, not a list"]],
    ["", ["1:1  the file is empty"]],
    [
      '{ "platform": "podman", "colour": 1 }',
      [
        '1:15  platform must be "docker", not "podman"',
        "1:25  colour is not a known key; known here: $schema, filter, platform",
      ],
    ],
  ])("%j is refused with every place", (text, lines) => {
    expect(refuse(text)).toEqual(lines.map((line) => `${shown}:${line}`));
  });

  test("have a schema for editors", async () => {
    const schema = JSON.parse(await renderSettingsSchema(known)) as { readonly properties: object };
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: { filter: { enum: ["2.3", "3.5"] }, platform: { enum: ["docker"] } },
    });
  });
});
