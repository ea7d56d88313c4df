import { describe, expect, test } from "bun:test";
import { addPlaceholders } from "../../../../src/session/decide/bound-grants.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { BottleError } from "../../../../src/core/error.ts";
import { failureFrom } from "../../../support/failure-from.ts";

const bound = [{ name: "GITEA_TOKEN", hosts: ["h.example"] }, { name: "PLAIN" }];
const grant = (name: string, value: string) => ({ name, value: new Secret(value) });

describe("addPlaceholders()", () => {
  test("makes one for what is bound, and leaves the rest", () => {
    const grants = addPlaceholders(
      bound,
      [grant("GITEA_TOKEN", "x7Kq2mNp9RwTreal"), grant("PLAIN", "x")],
      (length) => "0".repeat(length),
    );
    expect(grants.map((one) => one.placeholder?.reveal())).toEqual([
      "cb-secret-gitea-token-000000000000000000000000",
      undefined,
    ]);
    expect(grants.map((one) => one.value.reveal())).toEqual(["x7Kq2mNp9RwTreal", "x"]);
  });

  test("makes another one each time", () => {
    const make = () =>
      addPlaceholders(bound, [grant("GITEA_TOKEN", "x7Kq2mNp9RwTreal")])[0]?.placeholder?.reveal();
    expect(make()).toMatch(/^cb-secret-gitea-token-[0-9a-f]{24}$/);
    expect(make()).not.toBe(make());
  });

  test.each(["aaaaaaaaaaaaaaaaaaaaaaaa", "passwordpassword", "ghp_abcdefgh"])(
    "refuses %j, which can be guessed, and says what would do",
    (value) => {
      const act = () => addPlaceholders(bound, [grant("GITEA_TOKEN", value)]);
      expect(act).toThrow("Cannot bind GITEA_TOKEN to its hosts: its value can be guessed");
      expect(failureFrom(act)).toMatchObject({ hint: expect.stringContaining("longer, random value") });
      expect(addPlaceholders(bound, [grant("PLAIN", value)])).toHaveLength(1);
    },
  );

  test.each(["short", "", "line\nbreak", "trailing space ", "ümlautümlaut", "x".repeat(9_000)])(
    "refuses %j without showing it",
    (value) => {
      const act = () => addPlaceholders(bound, [grant("GITEA_TOKEN", value)]);
      expect(act).toThrow(BottleError);
      expect(act).toThrow(/^Cannot bind GITEA_TOKEN to its hosts: its value [a-zA-Z0-9, ]+$/);
      // Nobody puts these into a header
      expect(addPlaceholders(bound, [grant("PLAIN", value)])).toHaveLength(1);
    },
  );
});
