/** Keys for a view that gives its terminal to other programs in between and takes it back. */
import { PassThrough } from "node:stream";
import type { World } from "./world.ts";

/** What Ink takes for its standard input */
export type KeyStream = NodeJS.ReadStream;

export interface KeySource {
  readonly stream: KeyStream;
  /** No key that is pressed from now on is taken; resolves once that is so */
  close(): Promise<void>;
}

/**
 * A read of this process's own cannot be called off: it would take the next key from whoever has the terminal then. So the keys are read by
 * a program that is ended. `onEnd` is called where the terminal itself has ended.
 */
export function openKeys(world: World, onEnd: () => void): KeySource {
  // Output stays as it is for lines: nobody else's drawing is passed on here
  const setRaw = (isRaw: boolean) => void world.stdin.setRawMode(isRaw);
  const child = Bun.spawn(["cat"], { env: world.env, stdin: "inherit", stdout: "pipe", stderr: "ignore" });
  let isClosed = false;
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(isRaw: boolean) {
      setRaw(isRaw);
      return stream;
    },
    ref: () => stream,
    unref: () => stream,
  }) as unknown as KeyStream & PassThrough;
  const pass = async () => {
    for await (const bytes of child.stdout) if (!isClosed) stream.write(bytes);
  };
  void pass()
    .catch(() => undefined)
    .finally(() => {
      if (!isClosed) onEnd();
    });
  return {
    stream,
    async close() {
      isClosed = true;
      setRaw(false);
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
