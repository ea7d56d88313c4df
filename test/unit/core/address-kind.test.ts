import { describe, expect, test } from "bun:test";
import { isLocalName, kindOfAddress, kindOfIpv4 } from "../../../src/core/address-kind.ts";
import { classifyAddress } from "../../../src/sidecar/gate/private-addresses.ts";

const addresses = `
  
`
  .trim()
  .split(/\s+/);

describe("kindOfAddress()", () => {
  test.each(addresses)("says of %s what the gate says", (address) => {
    expect(kindOfAddress(address)).toBe(classifyAddress(address));
  });

  test.each(["", "no address", "10.0.0", "010.0.0.1"])("never calls %p public", (text) => {
    expect(kindOfAddress(text)).not.toBe("public");
  });
});

test("kindOfIpv4() knows addresses alone", () => {
  expect([kindOfIpv4("10.0.0.1"), kindOfIpv4("a.test"), kindOfIpv4("::1")]).toEqual([
    "private",
    undefined,
    undefined,
  ]);
});

test.each([
  ["localhost", true],
  ["a.localhost", true],
  ["localhost.test", false],
  ["notlocalhost", false],
])("isLocalName(%p) is %p", (host, isLocal) => {
  expect(isLocalName(host)).toBe(isLocal);
});
