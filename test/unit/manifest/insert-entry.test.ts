import { describe, expect, test } from "bun:test";
import { emptyManifest, insertEntry } from "../../../src/manifest/insert-entry.ts";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";
import { aFile } from "../../support/manifests.ts";

describe("insertEntry()", () => {
  test("begins an empty manifest", () => {
    const withBottle = insertEntry(emptyManifest, "bottles", "dev", {});
    const text = insertEntry(withBottle, "agents", "helper", { bottle: "dev" });
    expect(parseManifests([aFile(text)]).agents.get("helper")?.bottle).toBe("dev");
    expect(text).toMatchInlineSnapshot(`
      "{
        "bottles": {
          "dev": {}
        },
        "agents": {
          "helper": {
            "bottle": "dev"
          }
        }
      }
      "
    `);
  });

  test("leaves comments and what it does not touch alone", () => {
    const text = '{ // mine\n  "bottles": {"dev":{}}, // both\n  "agents": {\n    // none yet\n  },\n}';
    expect(insertEntry(text, "agents", "a", { bottle: "dev" })).toMatchInlineSnapshot(`
      "{ // mine
        "bottles": {"dev":{}}, // both
        "agents": {
          "a": {
            "bottle": "dev"
          }
          // none yet
        },
      }
      "
    `);
  });

  test("keeps the line ends of Windows", () => {
    const text = insertEntry('{\r\n  "agents": {}\r\n}', "agents", "a", { bottle: "dev" });
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(text).toEndWith("\r\n");
  });
});
