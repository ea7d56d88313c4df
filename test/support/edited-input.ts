/** The part of a weakened engine that concerns what `verify` writes to its programs: where a canary listens, what a probe is aimed at. */
import type { ByteStream } from "../../src/core/byte-stream.ts";
import type { CanaryRequest, ProbeTask } from "../../src/protocol/probe.ts";
import type { Weakness } from "./weakened-engine.ts";

interface Editing {
  /** Of the request that opened the stream */
  readonly path: string;
  readonly stem: string;
  readonly weaknesses: ReadonlySet<Weakness>;
}

/** The stream as it is, unless its input is one that a weakness concerns. */
export function editInput(stream: ByteStream, { path, stem, weaknesses }: Editing): ByteStream {
  const is = (name: string) => path === `/containers/${name}/attach`;
  if (weaknesses.has("dns") && is(`${stem}-host`)) {
    // The engine asks from where the resolver's address is, which is not the host's loopback
    return withInput<CanaryRequest>(stream, (request) => ({ ...request, dns: "0.0.0.0" }));
  }
  if (weaknesses.has("open-proxy") && is(stem)) return withInput<readonly ProbeTask[]>(stream, aimAtHost);
  return stream;
}

/** Programs are written as one message: a length line, so many bytes of program, and one line of JSON. */
function withInput<T>(stream: ByteStream, change: (message: T) => T): ByteStream {
  const write = (data: Uint8Array | string) => {
    const bytes = Buffer.from(data);
    const start = bytes.indexOf("\n") + 1;
    const stop = start + Number(bytes.subarray(0, start).toString());
    const line = start > 0 && stop > start ? bytes.subarray(stop).toString().trim() : "";
    // The entry program's handshake, and what comes later
    if (!/^[[{]/.test(line)) return stream.write(data);
    const message = JSON.stringify(change(JSON.parse(line) as T));
    return stream.write(Buffer.concat([bytes.subarray(0, stop), Buffer.from(`${message}\n`)]));
  };
  return Object.assign(Object.create(stream) as ByteStream, { write });
}

/** The host's canary answers as an open proxy would; the tasks that look for the host itself say where it is. */
function aimAtHost(tasks: readonly ProbeTask[]): readonly ProbeTask[] {
  const host = tasks.find((task) => task.kind === "tcp" && task.name.startsWith("host tcp "));
  if (host?.kind !== "tcp") throw new Error("No task is aimed at the host");
  return tasks.map((task) =>
    task.kind === "request" || task.name.startsWith("ports ")
      ? { ...task, host: host.host, port: host.port }
      : task,
  );
}
