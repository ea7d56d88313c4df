/** What the product writes for pipelock and reads from it, held against the record of the real program. */
import { describe, expect, test } from "bun:test";
import { opened, strict } from "../../../scripts/lib/filter-contract/catalogue/configs.ts";
import type { HttpAnswer } from "../../../scripts/lib/filter-contract/contract.ts";
import { readContract } from "../../../scripts/lib/filter-contract/files.ts";
import { readPipelockRecord } from "../../../src/bottle/egress/egress-records.ts";
import type { Destination } from "../../../src/plan/egress-plan.ts";
import type { BottlePlan } from "../../../src/plan/plan.ts";
import { renderPipelockConfig } from "../../../src/plan/pipelock-config.ts";

const contract = await readContract("2.3.0");
const { exchanges } = contract;

function planFor(isInspected: boolean): BottlePlan {
  const destination: Destination = {
    host: "a.example",
    port: 443,
    protocol: "tls",
    isPrivate: true,
    isInspected,
    origin: { kind: "built-in", reason: "test" },
  };
  const destinations = [destination, { ...destination, host: "10.1.2.3" }];
  return { auth: "gate", egress: { filter: "pipelock", destinations } } as unknown as BottlePlan;
}

/** Hosts, places and sizes differ between bottles, and the catalogue has its own. */
const own = new Set([
  "api_allowlist",
  "trusted_domains",
  "ip_allowlist",
  "passthrough_domains",
  "metrics_listen",
  "ca_cert",
  "ca_key",
  "max_response_mb",
  "max_response_bytes",
]);

function settingsOf(config: unknown): unknown {
  return JSON.parse(JSON.stringify(config), (key, value: unknown) => (own.has(key) ? "own" : value));
}

test.each([
  [false, strict],
  [true, opened],
] as const)("what it writes (inspect: %p) is what was recorded", (isInspected, recorded) => {
  expect(settingsOf(JSON.parse(renderPipelockConfig(planFor(isInspected), "2.3.0")))).toEqual(
    settingsOf(recorded),
  );
});

test("and the real program takes it", () => {
  for (const name of ["", " for inspect", ", with a comment"])
    expect(contract.configurations[`as the product writes it${name}`]).toMatchObject({ exitCode: 0 });
});

test("a refusal ends the connection only where that was asked for, and a tunnel stays open all the same", () => {
  expect(exchanges["tunnel"]?.["not listed"]?.end).toBe("open");
  expect(exchanges["tunnel"]?.["not listed, and asked to close"]?.end).toBe("closed");
  expect(exchanges["tunnel"]?.["nobody listens, and asked to close"]?.end).toBe("closed");
  expect(exchanges["tunnel"]?.["bytes through a tunnel that was asked to close"]?.answer).toBe(
    "SSH-2.0-x\r\n",
  );
});

const answerTo = (group: string, name: string) => exchanges[group]?.[name]?.answer as HttpAnswer;

describe.each(["plain", "opened"])("with the product's settings, %s", (way) => {
  test.each(["/gif", "/svg", "/audio", "/gif-as-bytes"])(
    "%s arrives, which is refused by default",
    (name) => {
      expect(answerTo(`${way}, answers`, name).status).toContain(" 200 ");
      expect(answerTo(`${way}, answers by default`, name).status).toContain(" 403 ");
    },
  );

  test.each(["/events-instruction", "/events-long"])("%s is whole, and cut by default", (name) => {
    const [ours, byDefault] = [`${way}, answers`, `${way}, answers by default`].map(
      (group) => answerTo(group, name).body,
    );
    expect(ours).not.toBe(byDefault);
    expect(byDefault).toStartWith("data: one");
    expect(byDefault).not.toContain("three");
  });
});

const linesOf = (group: string, name: string) =>
  (exchanges[group]?.[name]?.log ?? []).map((line) =>
    readPipelockRecord("", JSON.parse(line) as object as never),
  );

test("an opened connection that nothing happened in leaves no line in egress", () => {
  expect(exchanges["opened"]?.["request"]?.log).toHaveLength(2);
  expect(linesOf("opened", "request").filter((line) => line !== undefined)).toEqual([]);
});

test("every line that is shown of a recorded exchange says which host it is about", () => {
  const shown = Object.entries(exchanges).flatMap(([group, some]) =>
    Object.keys(some).flatMap((name) => linesOf(group, name).filter((line) => line !== undefined)),
  );
  expect(shown.length).toBeGreaterThan(90);
  expect(shown.filter((line) => line.host === undefined && line.code !== "allowlist")).toEqual([]);
});

test("the reason of a refusal is shown whole", () => {
  const found = ["plain, bodies", "opened, bodies"].flatMap((group) =>
    Object.keys(exchanges[group] ?? {}).flatMap((name) => linesOf(group, name)),
  );
  const reasons = found.flatMap((line) => (line?.code === "body_dlp" ? [line.reason ?? ""] : []));
  expect(reasons).toContain("request body contains secret: AWS Access ID");
  expect(reasons.join("\n")).not.toContain("[redacted]");
});

test("but a value behind the same words is not", () => {
  const value = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
  for (const reason of [
    `request body contains secret: ${value}`,
    `secret: hunter2`,
    `x request body contains secret: hunter2`,
  ])
    expect(readPipelockRecord("", { event: "blocked", reason })?.reason).toContain("[redacted]");
});
