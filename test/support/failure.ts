/** The error of something that must fail, so that a test can look at its message, hint and code. */
import { BottleError } from "../../src/core/error.ts";

/** Awaits a failure and returns it; an outcome that is no `BottleError` fails the test. */
export async function failureOf(outcome: Promise<unknown>): Promise<BottleError> {
  const thrown = await outcome.then(
    () => new Error("It succeeded where a failure was expected"),
    (error: unknown) => error,
  );
  if (thrown instanceof BottleError) return thrown;
  throw thrown;
}
