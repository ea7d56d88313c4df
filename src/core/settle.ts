/** Waiting for side-by-side work in a way that leaves nothing running behind an error. */

/**
 * Waits until all promises have settled and then gives their values, or throws the first error in order.
 * `Promise.all` would return at the first error while a sibling's create is still under way, and the undo steps
 * would run before the object exists.
 */
export async function settleAll<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  const results: PromiseSettledResult<unknown>[] = await Promise.allSettled(promises);
  const values = results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return values as unknown as T;
}
