/** The fuzzers that there are, each loaded when it is asked for. */
import type { Fuzzer } from "./fuzzer.ts";

export const fuzzers: Readonly<Record<string, () => Promise<Fuzzer>>> = {
  "api-body": async () => (await import("./api-body.ts")).fuzzer,
  "client-hello": async () => (await import("./client-hello.ts")).fuzzer,
  "gate-requests": async () => (await import("./gate-requests.ts")).fuzzer,
  "http-rules": async () => (await import("./http-rules.ts")).fuzzer,
  "terminal-filter": async () => (await import("./terminal-filter.ts")).fuzzer,
  scrub: async () => (await import("./scrub.ts")).fuzzer,
};
