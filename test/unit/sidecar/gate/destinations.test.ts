import type { GateDestination } from "../../../../src/protocol/gate-destination.ts";
import { expect, test } from "bun:test";
import { findDestination } from "../../../../src/sidecar/gate/destinations.ts";

const destinations: GateDestination[] = [
  { host: "*.example.com", port: 443, protocol: "tls", isPrivate: false },
  { host: "lan.example.com", port: 443, protocol: "tls", isPrivate: true },
  { host: "git.test", port: 30_009, protocol: "ssh", isPrivate: false },
  { host: "git.test", port: 443, protocol: "tls", isPrivate: false },
];

test("the exact entry goes before the wildcard", () => {
  expect(findDestination(destinations, { host: "lan.example.com", port: 443 }).isPrivate).toBe(true);
  expect(findDestination(destinations, { host: "a.b.example.com", port: 443 }).host).toBe("*.example.com");
});

test("each port of a host is its own grant", () => {
  expect(findDestination(destinations, { host: "git.test", port: 30_009 }).protocol).toBe("ssh");
  expect(findDestination(destinations, { host: "git.test", port: 443 }).protocol).toBe("tls");
});

test("another port of a granted host is refused with the ports that are granted", () => {
  expect(() => findDestination(destinations, { host: "git.test", port: 22 })).toThrow(
    "allowed on port 443 and 30009 only",
  );
});

test.each(["notexample.com", "example.com.evil.test", "evil-git.test", "a.git.test"])(
  "%s is nobody's host",
  (host) => {
    expect(() => findDestination(destinations, { host, port: 443 })).toThrow(
      "not on this bottle's allowlist",
    );
  },
);
