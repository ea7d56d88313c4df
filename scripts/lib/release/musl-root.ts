/**
 * A root in which a binary for musl runs on a Debian machine: musl, the binary, and a libstdc++ for musl, since Debian packages none. It is
 * linked from the archive of Debian's own libstdc++, with what the binary asks for and no more; that much of it asks musl for almost nothing
 * that musl does not have. For trying a binary out only: C++ exceptions cannot be thrown in it, and Bun is built without them.
 */
import { copyFile, glob, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runTool } from "../run-tool.ts";
import type { ReleaseTarget } from "./targets.ts";

interface Machine {
  /** musl itself, which is its own loader */
  readonly loader: string;
  readonly archives: string;
  /** In front of the names of binutils */
  readonly prefix: string;
  /** What glibc has and musl has not, in the machine's own language: `jump to`, and the function that says it found nothing */
  readonly jump: string;
  readonly findsNothing: string;
}

export type MuslRoot =
  | { readonly folder: string; readonly binary: string; remove(): Promise<void> }
  | { readonly reason: string };

/** `scripts/release` puts it there */
const foreignMusl = join(import.meta.dir, "../../../.cache/musl/arm64");

const machines: Readonly<Record<ReleaseTarget["cpu"], Machine>> = {
  x64: {
    loader: "/lib/ld-musl-x86_64.so.1",
    archives: "/usr/lib/gcc/x86_64-linux-gnu/*/libstdc++_pic.a",
    prefix: "",
    jump: "jmp",
    findsNothing: "mov $-1, %eax\n ret",
  },
  arm64: {
    loader: join(foreignMusl, "lib/ld-musl-aarch64.so.1"),
    archives: "/usr/lib/gcc-cross/aarch64-linux-gnu/*/libstdc++_pic.a",
    prefix: "aarch64-linux-gnu-",
    jump: "b",
    findsNothing: "mov w0, #-1\n ret",
  },
};

/** `folder` is the root, `binary` the program's place as seen from this machine; or why there is none. */
export async function makeMuslRoot(cpu: ReleaseTarget["cpu"], program: string): Promise<MuslRoot> {
  const machine = machines[cpu];
  const { loader, archives, prefix } = machine;
  const [archive] = await Array.fromAsync(glob(archives));
  if (!(await Bun.file(loader).exists())) return { reason: `this machine has no musl for ${cpu}` };
  if (archive === undefined || !Bun.which(`${prefix}ld`))
    return { reason: `this machine has nothing to link a libstdc++ for ${cpu} from` };
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-musl-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const library = join(folder, "lib");
    const name = loader.replace(/.*\//, "");
    const binary = join(folder, "claude-bottle");
    await mkdir(library);
    await copyFile(loader, join(library, name));
    await symlink(name, join(library, name.replace("ld-musl", "libc.musl")));
    // An emulator opens files of this machine where the root has none, and Debian's musl looks for libraries elsewhere
    await mkdir(join(folder, "etc"));
    await writeFile(join(folder, "etc", name.replace(/\.so\..*/, ".path")), "/lib\n");
    await copyFile(program, binary);
    await linkLibrary(machine, { archive, program, library });
    return { folder, binary, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function linkLibrary(
  { loader, prefix, jump, findsNothing }: Machine,
  {
    archive,
    program,
    library,
  }: { readonly archive: string; readonly program: string; readonly library: string },
): Promise<void> {
  const options = { cwd: library };
  const has = new Set(
    listNames(await runTool([`${prefix}nm`, "--defined-only", "--extern-only", archive], options)),
  );
  // Also those that the binary has copied into itself, which are not listed as missing
  const asks = listNames(await runTool([`${prefix}nm`, "--dynamic", program], options));
  const wanted = [...new Set(asks)].filter((name) => has.has(name));
  const source = [
    ".global arc4random, _dl_find_object, __getauxval, __libc_single_threaded, __dso_handle",
    ".text",
    `arc4random: ${jump} rand`,
    `__getauxval: ${jump} getauxval`,
    `_dl_find_object: ${findsNothing}`,
    ".data",
    "__libc_single_threaded: .quad 0",
    "__dso_handle: .quad 0\n",
  ];
  await writeFile(join(library, "glibc.s"), source.join("\n"));
  await runTool([`${prefix}as`, "-o", "glibc.o", "glibc.s"], options);
  const name = "libstdc++.so.6";
  const inputs = [
    "glibc.o",
    archive,
    ...["libgcc.a", "libgcc_eh.a"].map((one) => join(dirname(archive), one)),
    loader,
  ];
  const link = [`${prefix}ld`, "-shared", "-o", name, "-soname", name, "--gc-sections"];
  await runTool([...link, ...wanted.flatMap((one) => ["-u", one]), ...inputs], options);
}

/** Of `nm`: `0000 T name` or `U name@VERSION`, between headings of an archive's members */
function listNames(output: string): string[] {
  return output.split("\n").flatMap((line) => /^[0-9a-f ]* [A-Za-z] ([^@\s]+)/.exec(line)?.[1] ?? []);
}
