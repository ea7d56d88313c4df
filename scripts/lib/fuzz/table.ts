/** The fuzzers that there are, each loaded when it is asked for. */
import type { Fuzzer } from "./fuzzer.ts";

export const fuzzers: Readonly<Record<string, () => Promise<Fuzzer>>> = {
  "terminal-filter": async () => (await import("./terminal-filter.ts")).fuzzer,
};
