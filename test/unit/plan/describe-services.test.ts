import { expect, test } from "bun:test";
import {
  describeServices,
  planServices,
  servicesPolicy,
  servicesPrompt,
} from "../../../src/plan/describe-services.ts";
import { renderPreflight } from "../../../src/plan/preflight.ts";
import { makeSystemPrompt } from "../../../src/plan/system-prompt.ts";
import { renderSummary } from "../../../src/plan/summary.ts";
import { aBottle, aPlan } from "../../support/manifests.ts";

const plan = (service: Record<string, unknown> = {}, resolved = "sha256:one", dataKey = "here") => {
  const { services = [] } = aBottle({ services: { db: { image: "postgres:17", ...service } } });
  return planServices(services, { images: new Map([["postgres:17", resolved]]), dataKey });
};

test("the policy covers what a name of an image means", () => {
  expect(servicesPolicy(plan())).not.toEqual(servicesPolicy(plan({}, "sha256:two")));
  expect(servicesPolicy(plan())).toEqual(servicesPolicy(plan()));
});

test.each([
  [{ image: "postgres:18" }],
  [{ env: { A: "1" } }],
  [{ command: ["a b"] }],
  [{ ready: ["true"] }],
  [{ data: "1g" }],
  [{ keep: true }],
  [{ writable: ["/x"] }],
  [{ limits: { memory: "1g" } }],
  [{ limits: { cpus: 1 } }],
])("the policy covers %j", (difference) => {
  expect(servicesPolicy(plan(difference))).not.toEqual(servicesPolicy(plan()));
});

test("the policy tells words apart, and names no value", () => {
  expect(servicesPolicy(plan({ command: ["a", "b"] }))).not.toEqual(
    servicesPolicy(plan({ command: ["a b"] })),
  );
  const [line = ""] = servicesPolicy(plan({ env: { POSTGRES_PASSWORD: "hunter22" } }));
  expect(line).toContain("env POSTGRES_PASSWORD");
  expect(line).not.toContain("hunter22");
});

test("kept data is another one for each folder and each service", () => {
  const keyOf = (dataKey: string) => plan({ keep: true }, "sha256:one", dataKey)[0]?.keepKey;
  expect(keyOf("here")).toMatch(/^[0-9a-f]{16}$/);
  expect(keyOf("here")).toBe(keyOf("here"));
  expect(keyOf("here")).not.toBe(keyOf("there"));
  expect(plan()[0]?.keepKey).toBeUndefined();
});

test("all of a service is shown before the yes", () => {
  const services = plan({
    env: { POSTGRES_PASSWORD: "dev" },
    command: ["postgres", "-c", "fsync=off"],
    ready: ["pg_isready", "-h", "127.0.0.1"],
    data: "1g",
    writable: ["/var/cache/pg"],
  });
  const rows = describeServices(services);
  expect(rows.map((row) => row.join(" | ")).join("\n")).toMatchInlineSnapshot(`
    "db | postgres:17 | claude-bottle.json:1:32 [project file]
     | postgres:17 is sha256:one; a different image of that name needs a new approval
     | env POSTGRES_PASSWORD is "dev"
     | runs "postgres" "-c" "fsync=off"
     | ready when "pg_isready" "-h" "127.0.0.1" ends with 0
     | data: 1.0 GiB in memory, removed with the session
     | writes to /var/cache/pg, in memory
     | 512 MiB memory, all CPUs, 512 processes
     | the agent and the other services reach every port that a service listens on; nobody else reaches any"
  `);
});

test("hostile words draw nothing", () => {
  const services = plan({ env: { A: "\u001b[2J" }, command: ["\u001b]0;x\u0007"], ready: ["\u202e"] });
  const shown = renderPreflight(aPlan({ services }), { engine: "e", change: "first", hasColor: false });
  expect(shown).toContain("services");
  expect(shown).not.toMatch(/[\u001b\u0007\u202e]/);
});

test("an image that is not there yet is said to be fetched after the yes", () => {
  const rows = describeServices(plan({}, "absent"));
  expect(rows.flat().join()).toContain("it is fetched after the yes");
});

test("the agent is told of its services, and without any of none", () => {
  expect(makeSystemPrompt(aPlan({ services: plan() }))).toContain("- db (postgres:17)");
  expect(servicesPrompt()).toEqual([]);
});

test("one screen names them", () => {
  const text = renderSummary(aPlan({ services: plan() }), { hasColor: false, shorten: (path) => path });
  expect(text).toContain("beside it: db");
});
