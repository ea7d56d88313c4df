import { expect, test } from "bun:test";
import { pickBottle } from "../../../src/bottle/pick-bottle.ts";

const bottles = ["hello-aaa111", "hello-bbb222", "hello", "other-ccc333"].map((name) => ({ name }));

test("a whole name goes before those that begin so, and a beginning must be the only one", () => {
  expect(pickBottle(bottles, "hello").name).toBe("hello");
  expect(pickBottle(bottles, "hello-a").name).toBe("hello-aaa111");
  expect(pickBottle(bottles, "o").name).toBe("other-ccc333");
});

test("a name that several begin with, or none, is an error that shows what runs", () => {
  expect(errorOf(() => pickBottle(bottles, "hello-"))).toMatchObject({
    message: 'Cannot tell which bottle "hello-" is: 2 names match',
    details: ["Running: hello-aaa111, hello-bbb222"],
  });
  expect(() => pickBottle(bottles, "")).toThrow("Cannot find bottle");
  const slip = errorOf(() => pickBottle(bottles, "helo"));
  expect(slip).toMatchObject({ code: "usage", hint: 'Did you mean "hello"?' });
  expect(errorOf(() => pickBottle([], "x"))).toMatchObject({ details: ["No bottle is running"] });
});

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
