import { describe, expect, test } from "bun:test";
import { emptyInput, silentInput } from "../../../src/core/terminal.ts";
import { makeInput } from "../../../src/host/session-input.ts";

/** A stream that a test feeds, and whether its reader has left. */
function feed() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const left = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    start: (one) => void (controller = one),
    cancel: () => left.resolve(),
  });
  return {
    stream,
    left: left.promise,
    push: (text: string) => controller?.enqueue(Buffer.from(text)),
    close: () => controller?.close(),
    fail: () => controller?.error(new Error("EIO")),
  };
}

describe("an input", () => {
  test("hands on every piece and tells the end", async () => {
    const source = feed();
    const seen: string[] = [];
    const ended = Promise.withResolvers<void>();
    makeInput(() => source.stream).read(
      (data) => void seen.push(Buffer.from(data).toString()),
      ended.resolve,
    );
    source.push("a");
    source.push("b");
    source.close();
    await ended.promise;
    expect(seen).toEqual(["a", "b"]);
  });

  test("waits for what is taken before it reads on", async () => {
    const source = feed();
    const seen: string[] = [];
    const waits: (() => void)[] = [];
    const take = (data: Uint8Array) => {
      seen.push(Buffer.from(data).toString());
      return new Promise<void>((resolve) => waits.push(resolve));
    };
    makeInput(() => source.stream).read(take, () => seen.push("end"));
    source.push("a");
    source.push("b");
    await Bun.sleep(1);
    expect(seen).toEqual(["a"]);
    waits.shift()?.();
    await Bun.sleep(1);
    expect(seen).toEqual(["a", "b"]);
  });

  test("that breaks has ended", async () => {
    const source = feed();
    const ended = Promise.withResolvers<string>();
    makeInput(() => source.stream).read(
      () => undefined,
      () => ended.resolve("ended"),
    );
    source.fail();
    expect(await ended.promise).toBe("ended");
  });

  test("is left by whoever stops, without an end", async () => {
    const source = feed();
    const seen: string[] = [];
    const stop = makeInput(() => source.stream).read(
      (data) => void seen.push(Buffer.from(data).toString()),
      () => seen.push("end"),
    );
    source.push("a");
    await Bun.sleep(1);
    stop();
    await source.left;
    expect(seen).toEqual(["a"]);
  });

  test("ends quietly when nobody takes it any more", async () => {
    const source = feed();
    const seen: string[] = [];
    makeInput(() => source.stream).read(
      () => Promise.reject(new Error("The other side has ended")),
      () => seen.push("end"),
    );
    source.push("a");
    await Bun.sleep(1);
    expect(seen).toEqual([]);
  });

  test("that is empty ends at once, and a silent one never", () => {
    const seen: string[] = [];
    emptyInput.read(
      () => undefined,
      () => seen.push("empty"),
    );
    silentInput.read(
      () => undefined,
      () => seen.push("silent"),
    );
    expect(seen).toEqual(["empty"]);
  });
});
