import { describe, expect, test } from "bun:test";
import { credentialHeaders, putValuesIn } from "../../../../src/sidecar/gate/bound-headers.ts";

const one = { name: "A", placeholder: "cb-secret-a-0123", value: "real-a" };
const two = { name: "B", placeholder: "cb-secret-b-4567", value: "real:b" };
const put = (name: string, value: string) => putValuesIn([[name, value]], [one, two]);
const basic = (text: string) => `Basic ${btoa(text)}`;

describe("putValuesIn()", () => {
  test.each([
    ["Authorization", "Bearer cb-secret-a-0123", "Bearer real-a"],
    ["authorization", "token  cb-secret-a-0123", "token  real-a"],
    ["AUTHORIZATION", "cb-secret-a-0123", "real-a"],
    ["Authorization", basic("cb-secret-a-0123:"), basic("real-a:")],
    ["Authorization", basic("me:cb-secret-b-4567"), basic("me:real:b")],
    ["Authorization", basic("cb-secret-a-0123:cb-secret-b-4567"), basic("real-a:real:b")],
    ["Authorization", `bAsIc ${btoa("ü:cb-secret-a-0123")}`, `bAsIc ${btoa("ü:real-a")}`],
    ["X-Api-Key", "cb-secret-a-0123", "real-a"],
    ["PRIVATE-TOKEN", "cb-secret-b-4567", "real:b"],
  ])("%s: %s", (name, value, wanted) => {
    const { headers, used } = put(name, value);
    expect(headers).toEqual([[name, wanted]]);
    expect(used.length).toBeGreaterThan(0);
  });

  test.each([
    ["Cookie", "a=cb-secret-a-0123"],
    ["Cookie", "cb-secret-a-0123"],
    ["X-Other", "cb-secret-a-0123"],
    ["Referer", "cb-secret-a-0123"],
    ["Authorization", "Bearer xcb-secret-a-0123"],
    ["Authorization", "Bearer cb-secret-a-0123 more"],
    ["Authorization", "Bearer"],
    ["Authorization", basic("me:xcb-secret-a-0123")],
    ["Authorization", basic("cb-secret-a-0123")],
    ["Authorization", "Basic %%%"],
    ["X-Api-Key", "Bearer cb-secret-a-0123"],
  ])("leaves %s: %s as it is", (name, value) => {
    expect(put(name, value)).toEqual({ headers: [[name, value]], used: [] });
  });

  test("keeps order and repetition, and names each secret once", () => {
    const headers = [
      ["X-Api-Key", "cb-secret-a-0123"],
      ["A", "1"],
      ["X-Api-Key", "cb-secret-a-0123"],
    ] as const;
    expect(putValuesIn(headers, [one])).toEqual({
      headers: [
        ["X-Api-Key", "real-a"],
        ["A", "1"],
        ["X-Api-Key", "real-a"],
      ],
      used: ["A"],
    });
  });

  test("has only names in lower case in its table", () => {
    for (const name of credentialHeaders) expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(credentialHeaders.has("cookie")).toBe(false);
  });
});
