/** Where a plan's words and choices change, exactly there and one off. */
import { describe, expect, test } from "bun:test";
import { describeProtocol } from "../../../src/plan/describe-destination.ts";
import { warnOfCredentials } from "../../../src/plan/describe-workspace.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import type { Destination } from "../../../src/plan/egress-plan.ts";
import { renderSections } from "../../../src/plan/render-sections.ts";
import { pickSubnets } from "../../../src/plan/subnets.ts";
import { warnOfLongTexts } from "../../../src/plan/whole-texts.ts";
import { aBottle, anSshEntry, aPlan, aWorkspacePlan } from "../../support/manifests.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

test("three addresses are shown whole, and of a fourth that there are more", () => {
  const privately = (count: number) => {
    const addresses = numbers(count).map((index) => `10.0.0.${index}`);
    return describeProtocol({
      protocol: "tls",
      isPrivate: true,
      isInspected: false,
      addresses,
    } as unknown as Destination);
  };
  expect(privately(0)).toBe("TLS, private (does not resolve here)");
  expect(privately(3)).toBe("TLS, private (10.0.0.0, 10.0.0.1, 10.0.0.2)");
  expect(privately(4)).toBe("TLS, private (10.0.0.0, 10.0.0.1, 10.0.0.2, …)");
});

test("ten files that look like credentials are named, and the eleventh is counted", () => {
  const warn = (count: number) =>
    warnOfCredentials(aPlan({ workspace: aWorkspacePlan({ credentials: numbers(count) }) })).join();
  expect(warn(10)).toContain('"8", "9";');
  expect(warn(11)).toContain('"8", "9" and 1 more;');
});

test("a text of 1,000 characters is read in passing, and one more is not", () => {
  const warn = (length: number) => {
    const plan = aPlan();
    return warnOfLongTexts({ ...plan, agent: { ...plan.agent, prompt: "x".repeat(length) } });
  };
  expect(warn(1_000)).toEqual([]);
  expect(warn(1_001)).toEqual([
    "prompt of 1001 characters in the manifest: shown in full above; read it too",
  ]);
});

test.each([
  [22, [22, 443]],
  [2222, [443, 2222]],
])("pairs of one host are sorted by port: SSH on %p", (Port, ports) => {
  const bottle = aBottle({
    ssh: [anSshEntry({ Port, Hostname: "a.example" })],
    egress: { allowlist: ["a.example"] },
  });
  expect(makeDestinations(bottle).map(({ port }) => port)).toEqual(ports);
});

describe("pickSubnets()", () => {
  /** All of our first range but this many slices of 8 addresses at its start, which is a power of 2 */
  const allBut = (slices: number) => {
    const used = ["172.29.0.0/16", "192.168.213.0/24"];
    for (let start = slices * 8; start < 65_536; start *= 2)
      used.push(`10.213.${Math.floor(start / 256)}.${start % 256}/${32 - Math.log2(start)}`);
    return used;
  };

  test("takes the last two free ranges, and never one for both", () => {
    const { internal, egress } = pickSubnets(allBut(2), 0);
    expect([internal.subnet, egress.subnet]).toEqual(["10.213.0.0/29", "10.213.0.8/29"]);
    expect(() => pickSubnets(allBut(1), 0)).toThrow("are all in use");
  });
});

test("what is broken off stands under the last cell as long as that has 24 characters", () => {
  const rows = [["abcd", "word ".repeat(12).trim()]];
  const render = (width: number) =>
    renderSections([{ title: "t", rows }], { hasColor: false, quietTitles: new Set(), width }).split("\n");
  // A margin of 2, a title of 11, a cell of 4, and 2 between
  const begin = 2 + 11 + 4 + 2;
  expect(render(begin + 24)[1]).toMatch(/^ {19}word/);
  expect(render(begin + 23)[1]).toMatch(/^ {15}word/);
});
