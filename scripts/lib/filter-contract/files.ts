/** The records, in `test/contract/pipelock`: one file for each release. */
import { join } from "node:path";
import type { Contract } from "./contract.ts";

const folder = join(import.meta.dir, "../../../test/contract/pipelock");

export async function readContract(version: string): Promise<Contract> {
  return (await Bun.file(join(folder, `${version}.json`)).json()) as Contract;
}

/** Releases that are recorded. */
export async function listVersions(): Promise<string[]> {
  const names = await Array.fromAsync(new Bun.Glob("*.json").scan({ cwd: folder }));
  return names.map((name) => name.replace(/\.json$/, ""));
}

/** Returns where it is. */
export async function writeContract(contract: Contract): Promise<string> {
  if (!/^[\w.-]+$/.test(contract.version))
    throw new Error(`The filter has no usable version: ${contract.version}`);
  const path = join(folder, `${contract.version}.json`);
  await Bun.write(path, `${JSON.stringify(contract, null, 1)}\n`);
  return path;
}
