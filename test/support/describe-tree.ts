/** A folder as text, so that two can be compared: names of any bytes, and no link followed. */
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { fromBytes, fromText, toBytes } from "../../src/archive/byte-names.ts";

/** Name → mode, size, names of it, time in milliseconds, and content */
export async function describeTree(
  folder: string,
  more: (path: Buffer) => Promise<string> = async () => "",
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = async (name: string) => {
    const path = toBytes(`${fromText(folder)}${name}`);
    const status = await lstat(path);
    const size = status.isFile() ? status.size : 0;
    const nlink = status.isFile() ? status.nlink : 0;
    const content = status.isFile()
      ? Bun.hash(await readFile(path)).toString(16)
      : status.isSymbolicLink()
        ? fromBytes(await readlink(path, { encoding: "buffer" }))
        : "";
    const time = Math.round(status.mtimeMs);
    found[name] = [status.mode.toString(8), size, nlink, time, content, await more(path)].join(" ");
    if (!status.isDirectory()) return;
    const names = (await readdir(path, { encoding: "buffer" })).map(fromBytes).toSorted();
    for (const one of names) await walk(`${name}/${one}`);
  };
  await walk("");
  return found;
}
