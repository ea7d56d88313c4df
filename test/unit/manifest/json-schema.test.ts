import { describe, expect, test } from "bun:test";
import { renderJsonSchema } from "../../../src/manifest/json-schema.ts";

describe("renderJsonSchema()", () => {
  test("knows the keys of the manifest and refuses others", async () => {
    const schema = JSON.parse(await renderJsonSchema());
    expect(Object.keys(schema.properties)).toEqual(["$schema", "include", "bottles", "agents"]);
    expect(schema.additionalProperties).toBe(false);
    const bottle = schema.properties.bottles.additionalProperties;
    expect(Object.keys(bottle.properties)).toContain("egress");
    expect(bottle.properties.auth.enum).toEqual(["gate", "env"]);
    expect(bottle.properties.ssh.items.required).toEqual([
      "Host",
      "Hostname",
      "User",
      "IdentityFile",
      "KnownHostKey",
    ]);
  });
});
