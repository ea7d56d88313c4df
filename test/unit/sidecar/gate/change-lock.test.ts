import { expect, test } from "bun:test";
import { makeChangeLock } from "../../../../src/sidecar/gate/change-lock.ts";

/** A lock on a clock that a test moves, and whose turn it was so far. */
function makeTestLock() {
  let expire: (() => void) | undefined;
  const turns: string[] = [];
  const lock = makeChangeLock((_milliseconds, act) => {
    expire = act;
    return () => {
      if (expire === act) expire = undefined;
    };
  });
  return {
    turns,
    take: (id: string) => lock.take(id, () => turns.push(id)),
    release: lock.release,
    expire: () => expire?.(),
  };
}

test("one at a time, in their order", () => {
  const one = makeTestLock();
  for (const id of ["a", "b", "c"]) one.take(id);
  expect(one.turns).toEqual(["a"]);
  one.release("c");
  one.release("nobody");
  expect(one.turns).toEqual(["a"]);
  one.release("a");
  expect(one.turns).toEqual(["a", "b"]);
});

test("who gave up while it waited gets no turn, which nobody would end", () => {
  const one = makeTestLock();
  for (const id of ["a", "b", "c"]) one.take(id);
  one.release("b");
  one.release("a");
  expect(one.turns).toEqual(["a", "c"]);
});

test("a holder that died has its turn ended by time", () => {
  const one = makeTestLock();
  for (const id of ["a", "b"]) one.take(id);
  one.expire();
  expect(one.turns).toEqual(["a", "b"]);
  one.expire();
  one.take("c");
  expect(one.turns).toEqual(["a", "b", "c"]);
});

test("not more than 32 wait", () => {
  const one = makeTestLock();
  for (let number = 0; number <= 32; number += 1) one.take(`${number}`);
  expect(() => one.take("more")).toThrow("too many changes are under way");
});
