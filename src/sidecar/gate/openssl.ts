/** OpenSSL's command line, which the sidecar's image has, for certificates: Node makes none. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { GateFailure } from "./failure.ts";

/** How long the certificates of a bottle are good, in days; a bottle that lives longer has to be started again */
export const validDays = "30";

/** Runs it. Throws a `GateFailure` that says which command failed and nothing of what it was given. */
export async function openssl(...words: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)("openssl", words);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const state = code === "ENOENT" ? "there is no openssl" : `it ended with ${code ?? "a signal"}`;
    throw new GateFailure(
      `"openssl ${words[0]}" cannot make the bottle's certificates: ${state} in the sidecar's image`,
    );
  }
}
