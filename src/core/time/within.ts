/** Limits for what has none of its own, such as what a container says by itself: there is no call to the engine that could time out. */

/** The promise's outcome, or the error that `makeError` gives if there is none in time. */
export async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  makeError: (seconds: number) => Error,
): Promise<T> {
  const outcome = await inTime(
    milliseconds,
    promise.then((value) => ({ value })),
  );
  if (!outcome) throw makeError(milliseconds / 1000);
  return outcome.value;
}

/** The promise's outcome, or undefined if there is none in time. */
export async function inTime<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
