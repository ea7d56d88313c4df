/** The fuzzers that there are, each loaded when it is asked for. */
import type { Fuzzer } from "./fuzzer.ts";

export const fuzzers: Readonly<Record<string, () => Promise<Fuzzer>>> = {
  scrub: async () => (await import("./scrub.ts")).fuzzer,
};
