/** The error of a call that must fail at once. */
import { BottleError } from "../../src/core/error.ts";

/** Calls and returns the failure; an outcome that is no `BottleError` fails the test. */
export function failureFrom(call: () => unknown): BottleError {
  try {
    call();
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error("It succeeded where a failure was expected");
}
