/** The system's C library, for the few calls that the runtime does not offer. */
import type { dlopen as DlOpen } from "bun:ffi";

type Signatures = Parameters<typeof DlOpen>[1];
type Symbols<T extends Signatures> = ReturnType<typeof DlOpen<T>>["symbols"];

/** glibc, musl (64-bit x86 and ARM), macOS */
const libraryNames: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["libSystem.B.dylib"],
};

/** Undefined on a system with another C library. */
export function openLibrary<T extends Signatures>(signatures: T): Symbols<T> | undefined {
  const { dlopen } = require("bun:ffi") as { dlopen: typeof DlOpen };
  for (const name of libraryNames[process.platform] ?? []) {
    try {
      return dlopen(name, signatures).symbols;
    } catch {
      // Another C library: the next name
    }
  }
  return undefined;
}
