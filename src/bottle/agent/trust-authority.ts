/** Makes the system store of a bottle trust the CA of its inspected hosts, for programs that read no variable (wget, GnuTLS). */
import type { Progress } from "../bottle.ts";
import type { Part } from "../platform/part.ts";

const store = "/etc/ssl/certs/ca-certificates.crt";

/**
 * As the container's root, once, while its only program is our entry that waits: nothing of the agent's runs yet. By an exec and not
 * by an archive, which gVisor would not show inside. Says so if the image has no such store; the variables that entry.sh
 * sets are enough for Node, curl, git, Python, Go and everything on OpenSSL.
 */
export async function trustAuthority(
  agent: Part,
  certificate: string,
  progress: Pick<Progress, "detail">,
): Promise<void> {
  const result = await agent.run({
    command: ["/bin/sh", "-c", `[ -f ${store} ] && cat >>${store}`],
    user: "0:0",
    input: `\n${certificate}`,
  });
  if (result.exitCode === 0) return;
  progress.detail(
    "The bottle's system store does not trust the CA of inspected hosts; programs that use only that store will reject them",
  );
}
