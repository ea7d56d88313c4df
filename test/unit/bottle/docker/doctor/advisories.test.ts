import { describe, expect, test } from "bun:test";
import { findAdvisories, newestFix } from "../../../../../src/bottle/docker/doctor/advisories.ts";
import type { Advisory } from "../../../../../src/bottle/docker/doctor/advisories.ts";

const table: Advisory[] = [{ component: "runc", id: "X", fixed: ["1.2.8", "1.3.3", "1.4.0"], effect: "" }];

describe("findAdvisories()", () => {
  test.each([
    ["1.1.15", true],
    ["1.2.7", true],
    ["1.2.8", false],
    ["1.2.10", false],
    ["v1.3.2", true],
    ["1.3.3+ds1-2", false],
    ["1.3.10", false],
    ["1.4.0-rc.3", false],
    ["2.0.0", false],
    ["unknown", false],
  ])("of runc %s: %p", (version, isAffected) => {
    expect(findAdvisories("runc", version, table).length > 0).toBe(isAffected);
  });

  test("belong to one component", () => {
    expect(findAdvisories("containerd", "1.0.0", table)).toEqual([]);
  });

  test("of today's engines are as the sources say", () => {
    const ids = (version: string) => findAdvisories("engine", version).map((one) => one.id);
    expect(ids("20.10.24+dfsg1").length).toBe(2);
    expect(ids("28.5.2")).toEqual(["CVE-2026-41567, CVE-2026-41568, CVE-2026-42306"]);
    expect(ids("29.5.1")).toEqual([]);
  });
});

test("newestFix() is free of all of them", () => {
  expect(newestFix([{ component: "runc", id: "Y", fixed: ["1.1.12"], effect: "" }, ...table])).toBe("1.4.0");
});
