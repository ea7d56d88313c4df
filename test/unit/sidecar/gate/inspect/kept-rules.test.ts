import { expect, test } from "bun:test";
import { makeKeptRules } from "../../../../../src/sidecar/gate/inspect/kept-rules.ts";
import { Looker } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../../../../src/sidecar/gate/inspect/own-secrets.ts";
import { makeUp, put } from "../../../../support/inspect/made-up.ts";

const m = makeUp(9);

test("are all there that were there when they were chosen", () => {
  expect(makeKeptRules()).toHaveLength(26);
});

// secretlint itself would find nothing in such a text
test("are not silenced by a text that says so", () => {
  const vercel = put("vcp", "_", m.alnum(40));
  const text = `/* secretlint-disable */\n# secretlint-disable-next-line\nTOKEN=${vercel}\n`;
  const found = new Looker([]).look(Buffer.from(text), new Coverage());
  expect(found.map((one) => one.rule)).toEqual(["vercel-token"]);
});
