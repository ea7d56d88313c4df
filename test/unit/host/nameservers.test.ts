import { expect, test } from "bun:test";
import { readNameservers } from "../../../src/host/nameservers.ts";

test("nameservers that mean the same elsewhere are taken, in their order", () => {
  const text =
    "# nameserver 1.1.1.1\nsearch corp.lan\nnameserver 10.1.0.53\nnameserver\t10.2.0.53 \nnameserver fe80::1%2\n";
  expect(readNameservers(text)).toEqual(["10.1.0.53", "10.2.0.53"]);
});

test("those on this machine's loopback are not", () => {
  expect(readNameservers("nameserver 127.0.0.53\nnameserver ::1\noptions edns0\n")).toEqual([]);
});
