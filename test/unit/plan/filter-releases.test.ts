import { describe, expect, test } from "bun:test";
import {
  filterReleases,
  findUnloadable,
  forRelease,
  noteOnFixes,
  versionOf,
} from "../../../src/plan/filter-releases.ts";

describe("forRelease()", () => {
  const config = { mode: "strict", forward_proxy: { enabled: true, max_tunnel_seconds: 86_400 } };

  test("leaves the configuration of the default release as it is, which refuses unknown keys", () => {
    for (const version of ["2.3.0", "2.6.9"]) expect(forRelease(config, version)).toEqual(config);
  });

  test("bounds dialling, and records nothing, from 2.7 on", () => {
    for (const version of ["2.7.0", "3.2.0"])
      expect(forRelease(config, version)).toEqual({
        mode: "strict",
        forward_proxy: { enabled: true, max_tunnel_seconds: 30 },
        flight_recorder: { enabled: false },
      });
  });

  test.each(["3.3.0", "3.5.0", "3.7.1", "9.0.0"])(
    "lets ssh through, also in a release nobody knows: %s",
    (version) => {
      expect(forRelease(config, version)["forward_proxy"]).toEqual({
        enabled: true,
        max_tunnel_seconds: 30,
        sni_require_tls: false,
      });
    },
  );
});

describe("findUnloadable()", () => {
  const hosts = [
    "a.example",
    "a_b.example",
    "*.co.uk",
    "*.example.co.uk",
    "localhost",
    "*.example.com",
    "10.0.0.1",
  ];

  test("has nothing against what releases before 3.6 load", () => {
    for (const version of ["2.3.0", "3.5.9"]) expect(findUnloadable(hosts, version)).toEqual([]);
  });

  test("names what those since refuse", () => {
    for (const version of ["3.6.0", "9.0.0"])
      expect(findUnloadable(hosts, version).map((one) => one.host)).toEqual([
        "a_b.example",
        "*.co.uk",
        "localhost",
      ]);
  });
});

test("every offered image is named by its digest, and known by that", () => {
  for (const { image, version } of filterReleases) {
    expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(versionOf(image)).toBe(version);
  }
  expect(versionOf("mirror/pipelock:2.3.0")).toBeUndefined();
  expect(filterReleases.map(({ image }) => noteOnFixes(image).length)).toEqual([1, 0]);
  expect(noteOnFixes("mirror/pipelock:2.3.0")).toEqual([]);
});
