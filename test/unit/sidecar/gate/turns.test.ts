import { expect, test } from "bun:test";
import { makeTurns } from "../../../../src/sidecar/gate/turns.ts";

test("so many at a time, the rest in their order, and those beyond are told", async () => {
  const turns = makeTurns(1, 2);
  const order: string[] = [];
  const first = await turns.take();
  const second = turns.take().then((giveBack) => (order.push("second"), giveBack));
  const third = turns.take().then((giveBack) => (order.push("third"), giveBack));
  await expect(turns.take()).rejects.toMatchObject({ code: "too-many", status: 503 });
  expect(order).toEqual([]);
  first();
  // Giving back twice is giving back once
  first();
  (await second)();
  (await third)();
  expect(order).toEqual(["second", "third"]);
  (await turns.take())();
});
