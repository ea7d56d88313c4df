import { expect, test } from "bun:test";
import { aBottle, complaintAbout } from "../../support/manifests.ts";

const inspectOf = (inspect: unknown) =>
  aBottle({ egress: { inspect } }).egress.inspect.map(({ source: _source, ...one }) => one);

test("takes hosts alone and hosts with how they are looked at", () => {
  expect(
    inspectOf([
      "A.example",
      { host: "*.b.example" },
      { host: "c.example", by: "pipelock" },
      { host: "d.example", by: "gate", allow: ["github-token", "env:GIT_TOKEN", "ssh:gitea", "token"] },
    ]),
  ).toEqual([
    { host: "a.example" },
    { host: "*.b.example", by: undefined, allow: undefined },
    { host: "c.example", by: "pipelock", allow: undefined },
    { host: "d.example", by: "gate", allow: ["github-token", "env:GIT_TOKEN", "ssh:gitea", "token"] },
  ] as never);
});

test.each([
  [[{ host: "a.example", by: "me" }], "inspect[0].by"],
  [[{ host: "a.example", allow: "all" }], "inspect[0].allow"],
  [[{ host: "a.example", allow: ["*"] }], "inspect[0].allow[0]"],
  [[{ host: "a.example", allow: ["env:"] }], "inspect[0].allow[0]"],
  [[{ host: "https://a.example" }], "inspect[0].host"],
  [[{ by: "gate" }], "inspect[0].host"],
  [[{ host: "a.example", deny: [] }], "inspect[0].deny"],
  [["a.example", { host: "a.example" }], "is listed twice"],
  [[7], "inspect[0]"],
])("refuses %j", (inspect, place) => {
  expect(complaintAbout(JSON.stringify({ bottles: { dev: { egress: { inspect } } } }))).toContain(place);
});
