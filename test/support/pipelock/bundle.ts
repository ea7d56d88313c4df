/** Bundles the stand-in as one CommonJS text for Node. It is made anew for every use and never committed. */
import { join } from "node:path";

let made: Promise<string> | undefined;

export function bundlePipelockStandIn(): Promise<string> {
  made ??= bundle();
  return made;
}

async function bundle(): Promise<string> {
  const result = await Bun.build({
    entrypoints: [join(import.meta.dir, "main.ts")],
    target: "node",
    format: "cjs",
    minify: { syntax: true, whitespace: true },
  });
  const [output] = result.outputs;
  if (!result.success || !output)
    throw new AggregateError(result.logs, "Cannot bundle the stand-in for pipelock");
  return output.text();
}
