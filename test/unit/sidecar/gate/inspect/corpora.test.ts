import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { listCodings } from "../../../../../src/sidecar/gate/inspect/decode.ts";
import { HeldBody } from "../../../../../src/sidecar/gate/inspect/held-body.ts";
import { Looker } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import { lookAtBody, lookAtHead } from "../../../../../src/sidecar/gate/request-look.ts";
import { everyday, leaks, ownSecret } from "../../../../support/inspect/corpora.ts";
import recorded from "../../../../contract/pipelock/corpora/2.3.0.json";
import type { Sample } from "../../../../support/inspect/sample.ts";

setDefaultTimeout(60_000);

const looker = new Looker([{ rule: "env:TOKEN", value: ownSecret, isInBottle: true, isSure: true }]);

/** What would be blocked, as the gate sees a request whose body is there as a whole. */
function findIn({ method, path, headers, body }: Sample): string[] {
  const context = { looker, coverage: new Coverage() };
  const head = { host: "api.example.test", method, path, headers };
  return [...lookAtHead(context, head), ...lookAtBody(context, body, headers)]
    .filter((one) => !one.isTold)
    .map(({ rule, where }) => `${rule} in ${where}`);
}

/** What would be blocked of a body that comes in pieces and says no length. */
async function findInPieces({ body, headers }: Sample): Promise<string[]> {
  const found: string[] = [];
  const codings = headers.flatMap(([name, value]) => (name === "Content-Encoding" ? [value] : []));
  const coverage = new Coverage();
  const held = new HeldBody({
    looker,
    coverage,
    codings: listCodings(codings),
    judge: (findings) => void found.push(...findings.filter((one) => !one.isTold).map((one) => one.rule)),
    lookAtWhole: (bytes) => lookAtBody({ looker, coverage }, bytes, headers),
  });
  const ended = once(held.resume(), "close");
  for (let at = 0; at < body.length; at += 1_400) held.write(body.subarray(at, at + 1_400));
  held.end();
  await ended;
  return found;
}

describe("the corpora", () => {
  test("blocks at most 3 of 300 everyday requests", () => {
    expect(everyday).toHaveLength(300);
    const blocked = everyday.flatMap((one) => {
      const found = findIn(one);
      return found.length > 0 ? [`${one.name}: ${found.join(", ")}`] : [];
    });
    expect(blocked).toEqual([]);
  });

  test("catches at least 167 of 176 leaks", () => {
    // The control of the everyday requests: the same search does block
    expect(leaks).toHaveLength(176);
    expect(leaks.filter((one) => findIn(one).length === 0).map((one) => one.name)).toEqual([]);
  });

  test("does the same with bodies that come in pieces and say no length", async () => {
    const blocked = [];
    for (const one of everyday) if ((await findInPieces(one)).length > 0) blocked.push(one.name);
    expect(blocked).toEqual([]);
    const missed = [];
    for (const one of leaks.filter(({ body }) => body.length > 0))
      if ((await findInPieces(one)).length === 0) missed.push(one.name);
    expect(missed).toEqual([]);
  });

  test("are those that the real filter was recorded with", () => {
    expect(recorded.everyday.requests).toBe(everyday.length);
    expect(recorded.leaks.requests).toBe(leaks.length);
    for (const name of Object.keys(recorded.everyday.blocked)) {
      const [number = "", ...words] = name.split(" ");
      expect(everyday[Number(number) - 1]?.name).toBe(words.join(" "));
    }
    const names = new Set(leaks.map((one) => one.name));
    expect(recorded.leaks.missed.filter((name) => !names.has(name))).toEqual([]);
  });

  // The control: it is the secret in them that is found
  test("finds no secret of the session in the same requests of another session", () => {
    const own = leaks.filter((one) => one.name.startsWith("own: "));
    const other = new Looker([
      { rule: "env:TOKEN", value: [...ownSecret].toSorted().join(""), isInBottle: true, isSure: true },
    ]);
    const found = own.flatMap(({ body, headers }) =>
      lookAtBody({ looker: other, coverage: new Coverage() }, body, headers),
    );
    expect(own.length).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });
});
