import { describe, expect, test } from "bun:test";
import { Scope } from "../../../src/core/scope.ts";

describe("a scope", () => {
  test("undoes groups last to first, and the steps of one side by side", async () => {
    const scope = new Scope();
    const log: string[] = [];
    const step = (name: string) =>
      scope.add(name, async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
      });
    step("network");
    scope.nextGroup();
    scope.nextGroup();
    step("gate");
    step("agent");
    expect(await scope.close()).toEqual([]);
    expect(log).toEqual([
      "gate begins",
      "agent begins",
      "gate ends",
      "agent ends",
      "network begins",
      "network ends",
    ]);
  });

  test("collects failures and goes on", async () => {
    const scope = new Scope();
    const done: string[] = [];
    scope.add("first", () => Promise.resolve(void done.push("first")));
    scope.nextGroup();
    scope.add("second", () => Promise.reject(new Error("busy")));
    scope.nextGroup();
    scope.add("third", () => {
      throw new Error("at once");
    });
    expect(await scope.close()).toEqual([
      { step: "third", cause: new Error("at once") },
      { step: "second", cause: new Error("busy") },
    ]);
    expect(done).toEqual(["first"]);
  });

  test("undoes once, however often it is closed, and takes no step after that", async () => {
    const scope = new Scope();
    let count = 0;
    scope.add("step", () => Promise.resolve(void (count += 1)));
    expect(scope.isClosing).toBe(false);
    const [first, second] = await Promise.all([scope.close(), scope.close()]);
    expect(first).toBe(second);
    expect(count).toBe(1);
    expect(scope.isClosing).toBe(true);
    expect(() => scope.add("late", () => Promise.resolve())).toThrow("Cannot continue");
  });

  test("an interruption undoes at once, and closing undoes again what came about meanwhile", async () => {
    const scope = new Scope();
    const made = new Set(["early"]);
    const act = Promise.withResolvers<void>();
    scope.add("early", () => Promise.resolve(void made.delete("early")));
    scope.add("late", () => Promise.resolve(void made.delete("late")));
    scope.track(act.promise.then(() => made.add("late")));
    scope.interrupt();
    await Promise.resolve();
    expect([...made]).toEqual([]);
    expect(() => scope.throwIfClosing()).toThrow("Cannot continue");
    const closed = scope.close();
    act.resolve();
    expect(await closed).toEqual([]);
    expect([...made]).toEqual([]);
  });
});
