import { expect, test } from "bun:test";
import {
  classifyAddress,
  embeddedIpv4,
  withoutTranslations,
} from "../../../../src/sidecar/gate/private-addresses.ts";

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "192.169.0.0",
  "169.253.255.255",
  "169.255.0.0",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00::1",
])("%s is public", (address) => {
  expect(classifyAddress(address)).toBe("public");
});

test.each([
  "2001:0:101:101::",
  "2003::101:101",
  "64:ff9c::101:101",
  "64:ff9b:0:0:0:1:101:101",
  "::fffe:101:101",
])("%s carries no IPv4 address", (address) => {
  expect(embeddedIpv4(address)).toBeUndefined();
});

test("an address that says one of the list again, as a translating network adds it, is left out", () => {
  expect(withoutTranslations(["1.1.1.1", "64:ff9b::101:101", "2606:4700::1111"])).toEqual([
    "1.1.1.1",
    "2606:4700::1111",
  ]);
  const others = ["1.1.1.1", "64:ff9b::a00:1"];
  expect(withoutTranslations(others)).toEqual(others);
});

test.each([
  "10.0.0.1",
  "10.255.255.255",
  "172.16.0.0",
  "172.31.255.255",
  "192.168.0.1",
  "100.64.0.0",
  "100.127.255.255",
  "192.0.0.8",
  "192.0.2.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.1",
  "203.0.113.1",
  "192.88.99.1",
  "fc00::1",
  "fd7a:115c:a1e0::1",
  "fec0::1",
  "2001:db8::1",
  "2001::1",
  "100::1",
  "64:ff9b:1::1",
  "5f00::1",
  "4000::1",
])("%s is private", (address) => {
  expect(classifyAddress(address)).toBe("private");
});

test.each([
  "127.0.0.1",
  "127.255.255.255",
  "0.0.0.0",
  "0.1.2.3",
  "169.254.169.254",
  "169.254.0.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "ff02::1",
  "::ffff:1.1.1.1",
  "::ffff:101:101",
  "64:ff9b::101:101",
  "64:ff9b::10.0.0.1",
  "2002:101:101::",
  "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  "::ffff:10.0.0.1",
  "::ffff:a00:1",
  "0:0:0:0:0:ffff:c0a8:1",
  "64:ff9b::a00:1",
  "2002:a00:1::",
  "::10.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "2002:7f00:1::",
  "::127.0.0.1",
  "",
  "localhost",
  "0177.0.0.1",
  "127.1",
  "1.2.3.4.5",
  "[::1]",
])("%p is never allowed", (address) => {
  expect(classifyAddress(address)).toBe("forbidden");
});
