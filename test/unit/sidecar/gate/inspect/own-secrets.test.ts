import { describe, expect, test } from "bun:test";
import { Coverage, OwnSecrets } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import type { OwnSecret } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import { armour, makeUp } from "../../../../support/inspect/made-up.ts";

const m = makeUp(6);
const value = m.alnum(40);
const secret = (differences: Partial<OwnSecret> = {}): OwnSecret => ({
  rule: "env:A",
  value,
  isInBottle: true,
  isSure: true,
  ...differences,
});
const findIn = (own: OwnSecrets, text: string, coverage = new Coverage()) => {
  const bytes = Buffer.from(text);
  return own.find({ bytes, from: 0, to: bytes.length }, coverage);
};

describe("a secret of the session", () => {
  test("that is in the bottle is found by most of its parts", () => {
    const own = new OwnSecrets([secret()]);
    expect(findIn(own, value.slice(0, 23))).toEqual([]);
    expect(findIn(own, value.slice(0, 24))).toEqual(["env:A"]);
    expect(findIn(own, value.slice(16))).toEqual(["env:A"]);
  });

  // Whoever is told that a part was right needs to guess the next part only
  test("that the sidecar alone holds is found whole and in no part", () => {
    const own = new OwnSecrets([secret({ isInBottle: false })]);
    expect(findIn(own, value)).toEqual(["env:A"]);
    expect(findIn(own, value.slice(0, 39))).toEqual([]);
    expect(findIn(own, value.slice(1))).toEqual([]);
  });

  test("adds up over requests that went to the host, and over no others", () => {
    const own = new OwnSecrets([secret()]);
    const first = new Coverage();
    const begin = () => new Coverage(first);
    expect(findIn(own, value.slice(0, 20), begin())).toEqual([]);
    expect(findIn(own, value.slice(20), begin())).toEqual([]);
    const sent = begin();
    findIn(own, value.slice(0, 20), sent);
    sent.commit();
    expect(findIn(own, value.slice(20), begin())).toEqual(["env:A"]);
    // Another host, and a request without any of it
    expect(findIn(own, value.slice(20))).toEqual([]);
    expect(findIn(own, "harmless", begin())).toEqual([]);
  });

  test("is looked for as the password in an address, and line by line in a key", () => {
    const password = m.alnum(16);
    const key = armour("PRIVATE KEY", m.bytes(300));
    const own = new OwnSecrets([
      secret({ rule: "env:URL", value: `postgres://app:${password}@db.example.com/app`, isSure: false }),
      secret({ rule: "ssh:git", value: key, isInBottle: false }),
    ]);
    expect(findIn(own, "postgres://app@db.example.com/app")).toEqual([]);
    expect(findIn(own, `x ${password} y`)).toEqual(["env:URL"]);
    expect(findIn(own, key.split("\n")[2] ?? "")).toEqual(["ssh:git"]);
    expect(findIn(own, "-----BEGIN PRIVATE KEY-----")).toEqual([]);
  });

  test("is none if it is a word", () => {
    const own = new OwnSecrets([secret({ value: "production", isSure: false }), secret({ value: "" })]);
    expect(findIn(own, "this is production")).toEqual([]);
  });

  test("is found in encodings of encodings", () => {
    const own = new OwnSecrets([secret({ isInBottle: false })]);
    const base64 = (text: string | Buffer) => Buffer.from(text as string).toString("base64");
    const hex = (text: string) => Buffer.from(text).toString("hex");
    const reversed = [...value].toReversed().join("");
    const forms = [
      base64(value),
      base64(`ab${value}`),
      base64(base64(`xyz${value}`)),
      hex(value),
      hex(value).toUpperCase(),
      hex(base64(value)),
      base64(hex(value)),
      reversed,
      hex(reversed),
      base64(Buffer.from(value, "utf16le")),
      hex(hex(value)),
      Buffer.from(value, "utf16le").toString("latin1"),
    ];
    for (const form of forms) expect([form, findIn(own, `.${form}.`)]).toEqual([form, ["env:A"]]);
    expect(findIn(own, forms.map((form) => form.slice(0, 12)).join(" "))).toEqual([]);
  });
});
