/** A bottle that reaches one and the same server by two names, of which the gate looks at one: what its looking costs and breaks. */
import { makeTar } from "../../../src/archive/small-tar.ts";
import { putArchive } from "../../../src/engine/put-archive.ts";
import { awaitListening } from "../egress-probe.ts";
import type { TestRun } from "../engine-gate.ts";
import type { RuntimeChoice } from "../runtime-choice.ts";
import { ensurePip } from "../pip-image.ts";
import { ensureScriptedClaude } from "../scripted-claude.ts";
import { buildTrustingImage } from "../session/trusting-image.ts";
import { launchShellSession } from "../shell-session.ts";
import type { ShellSession } from "../shell-session.ts";
import { makeTestAuthority } from "../test-authority.ts";
import { makeToolFiles, toolServer } from "./tool-server.ts";

export const inspectedHost = "inspected.test";
export const opaqueHost = "opaque.test";

/** Everything in it goes with the run; the session is the caller's to destroy. */
export async function openToolSession(run: TestRun, runtime: RuntimeChoice): Promise<ShellSession> {
  const { engine } = run;
  const hosts = [inspectedHost, opaqueHost];
  const base = await ensurePip(engine, await ensureScriptedClaude(engine));
  const authority = await makeTestAuthority(hosts);
  const tag = run.name(`tools-${runtime}`);
  const image = await buildTrustingImage(engine, { base, tag, ca: authority.ca, labels: run.labels });
  const session = await launchShellSession(run, { private: hosts, inspect: [inspectedHost], runtime, image });
  for (const name of hosts) {
    const id = await session.addServer(name, {
      Image: base,
      User: "0",
      Cmd: ["node", "-e", toolServer],
      Env: [`KEY=${authority.key}`, `CERT=${authority.cert}`],
    });
    const files = [...makeToolFiles(), { path: "srv/ready", mode: 0o644, content: "" }];
    await putArchive(engine, id, "/", await makeTar(files));
    await awaitListening(engine, id);
  }
  return session;
}

/** What a tool does with one of the hosts: a command of a shell, in a folder of its own. */
export const toolCommands = (host: string): Readonly<Record<string, string>> => ({
  "npm install of 41 packages": `npm install --silent --no-audit --no-fund --cache ./cache --prefix ./app --registry https://${host}/npm/ all >/dev/null 2>&1`,
  "pip install of 41 packages": `pip install --quiet --no-cache-dir --disable-pip-version-check --target ./env --index-url https://${host}/simple/ all >/dev/null 2>&1`,
  "git clone of 4 MB": `git clone --quiet https://${host}/git/project.git cloned`,
  "git push of 4 MB": `git clone --quiet --depth 1 https://${host}/git/project.git pushed && cd pushed && head -c 4000000 /dev/urandom > big && git add big && git -c user.name=t -c user.email=t@example commit --quiet --message big && git push --quiet origin HEAD:refs/heads/b-$(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' ')`,
  "100 MB down": `curl -sSf -o /dev/null 'https://${host}/big?count=96'`,
  "100 MB up": `yes 'the request of a user is read from one table and written into another' | head -c 100000000 | curl -sSf -o /dev/null -T - https://${host}/up`,
  "an event stream of 36,000 events": `curl -sSfN 'https://${host}/events?count=36000' | grep -c '^id' | grep -qx 36000`,
});
