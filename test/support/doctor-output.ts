/** What `claude-bottle doctor` finds and prints on a fake machine. */
import type { CheckResult } from "../../src/bottle/diagnosis.ts";
import type { ProbeVerdict } from "../../src/bottle/bottle.ts";
import type { App } from "../../src/session/app.ts";
import { checkOwnSide } from "../../src/cli/doctor/doctor-checks.ts";
import { renderCheck, renderSummary } from "../../src/cli/render/doctor-words.ts";
import { aMachine } from "./fake-machine.ts";
import type { FakeMachine } from "./fake-machine.ts";
import { aFolder } from "./temporary.ts";

export const gigabyte = 1024 ** 3;
export const manifest = '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }';
export const closed: ProbeVerdict = {
  name: "host",
  title: "This machine",
  verdict: "closed",
  detail: "no answer",
};

export interface Examination {
  readonly mends?: boolean;
  /** 50 GiB unless it is given */
  readonly freeBytes?: number | undefined;
  readonly pipelockImage?: string | undefined;
}

/** The platform's part. */
export function examine(machine: FakeMachine, request: Examination = {}): Promise<readonly CheckResult[]> {
  return machine.bottles.diagnose({
    image: { dockerfile: undefined },
    pipelockImage: "pipelockImage" in request ? request.pipelockImage : "pipelock:1",
    mends: request.mends ?? false,
    withProbe: (work) => work({} as never),
    findFreeBytes: () => Promise.resolve("freeBytes" in request ? request.freeBytes : 50 * gigabyte),
    progress: { step: () => undefined, detail: () => undefined, done: () => undefined },
    signal: new AbortController().signal,
  });
}

/** stdout and stderr of the command, without what a terminal shows meanwhile. */
export async function printDoctor(
  machine: FakeMachine,
  side: Examination & { readonly manifest?: string; readonly token?: string } = {},
): Promise<string> {
  const home = await aFolder({ "claude-bottle.json": side.manifest ?? manifest });
  const env = { CLAUDE_BOTTLE_OAUTH_TOKEN: side.token ?? "sk-ant-oat01-x" };
  const own = await checkOwnSide({ env, home, cwd: home, stdin: {} } as unknown as App["world"]);
  const all = [...(await examine(machine, side)), ...own];
  return `\n${all.map((one) => renderCheck(one)).join("")}${renderSummary(all)}`;
}

/** Everything is as it should be but for the differences. */
export const nearlyHealthy = (differences = {}, verdicts: readonly ProbeVerdict[] = [closed]) =>
  aMachine(differences, { verdicts });
