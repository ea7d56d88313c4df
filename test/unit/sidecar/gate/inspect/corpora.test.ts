import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Looker } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import { lookAtBody, lookAtHead } from "../../../../../src/sidecar/gate/request-look.ts";
import { everyday, leaks, ownSecret } from "../../../../support/inspect/corpora.ts";
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

describe("the corpora", () => {
  test("blocks at most 2 of 200 everyday requests", () => {
    expect(everyday).toHaveLength(200);
    const blocked = everyday.flatMap((one) => {
      const found = findIn(one);
      return found.length > 0 ? [`${one.name}: ${found.join(", ")}`] : [];
    });
    expect(blocked).toEqual([]);
  });

  test("catches at least 95 of 100 leaks", () => {
    expect(leaks).toHaveLength(100);
    expect(leaks.filter((one) => findIn(one).length === 0).map((one) => one.name)).toEqual([]);
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
