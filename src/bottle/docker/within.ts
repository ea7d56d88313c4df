/** A limit for what a container says by itself: there is no call to the engine that could time out. */

/** The promise's outcome, or the error that `makeError` gives if there is none in time. */
export async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  makeError: (seconds: number) => Error,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(makeError(milliseconds / 1000)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
