/** Whether the kernel's counts of what a user takes are the whole host's, or apart from them. */
import { gvisor } from "./hardening.ts";

export interface CountingKernel {
  readonly runtime: string | undefined;
  /** As `docker info` has them: with namespaces for users each has counts of its own, and may have no other ids */
  readonly securityOptions: readonly string[];
}

/** gVisor has counts of its own. */
export function countsApart({ runtime, securityOptions }: CountingKernel): boolean {
  return runtime === gvisor || hasUserNamespaces(securityOptions);
}

/** As `docker info` has its security options: the engine's containers have users of their own, or the whole engine has. */
export function hasUserNamespaces(securityOptions: readonly string[]): boolean {
  return securityOptions.some((one) => /^name=(?:userns|rootless)\b/.test(one));
}
