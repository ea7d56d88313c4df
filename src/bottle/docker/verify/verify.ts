/** Proves a bottle closed: starts the real thing with a probe in claude's place, and listens where nothing of it may arrive. */
import { BottleError } from "../../../core/error.ts";
import { Scope } from "../../../core/scope.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { BottlePlan } from "../../../plan/plan.ts";
import type { CanaryEvent, CanaryRequest, ProbeAnswer, ProbeTask } from "../../../sidecar/probe/protocol.ts";
import { gateCommand, renderCanaryInput, renderProbeInput } from "../../../sidecar/programs.ts";
import { runExec } from "../../../engine/exec.ts";
import type { LaunchOptions, ProbeVerdict } from "../../bottle.ts";
import { makeLabels, makeNames } from "../labels.ts";
import type { ObjectNames } from "../labels.ts";
import { launchBottle } from "../launch.ts";
import type { LaunchContext } from "../launch.ts";
import { settleAll } from "../settle.ts";
import { CanaryReports, knock, startCanary } from "./canary.ts";
import type { Canary } from "./canary.ts";
import { makeLineTerminal } from "./line-terminal.ts";
import { makeProbes } from "./probes.ts";
import type { ProbeTargets } from "./probe.ts";
import { readTargets } from "./targets.ts";
import { judge } from "./verdicts.ts";
import { breakWalls } from "./break-walls.ts";

/** What was sent last may still be on its way to a canary when the probe has ended */
const settleMs = 300;

/** Brings everything up, tries everything, and undoes everything, whatever happens. */
export async function verifyBottle(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<readonly ProbeVerdict[]> {
  const scope = new Scope();
  try {
    return await runVerification(engine, options, { ...context, command: gateCommand }, scope);
  } finally {
    const failures = await scope.close();
    for (const failure of failures) options.progress.detail(`${failure.step} could not be removed`);
  }
}

async function runVerification(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
  scope: Scope,
): Promise<readonly ProbeVerdict[]> {
  const { plan, progress } = options;
  progress.step("Starting a canary on the engine's host, a sibling bottle and the bottle itself");
  const labels = makeLabels(plan, "canary", context.labels);
  const stem = makeNames(plan).agent;
  const canary = (name: string, network: string, dns: Pick<CanaryRequest, "dns">) =>
    startCanary(
      engine,
      { name: `${stem}-${name}`, image: context.image, labels, network, request: { port: 0, ...dns } },
      scope,
    );
  // Where an engine that forwards names to its host's own resolver would ask
  const host = await canary("host", "host", {
    dns: context.weaknesses?.has("dns") ? "0.0.0.0" : "127.0.0.1",
  });
  const sibling = await startSibling(engine, options, context, scope);
  const subject = await startSubject(engine, options, context, scope);
  const egress = await canary("egress", subject.names.egress, {});
  await breakWalls(engine, subject.names, sibling.names, context.weaknesses);
  const targets = await readTargets(engine, {
    plan,
    host,
    egress,
    sibling,
    subject: subject.names,
    stem,
    context,
  });
  await knockAtCanaries(engine, { subject: subject.names, sibling, egress, targets });
  const probes = makeProbes(targets);
  progress.step("Trying every way out");
  // The sidecar goes with the agent
  const forwarding = await probeForwarding(engine, subject.names);
  const answers = await subject.run(probes.flatMap((probe) => probe.tasks));
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const heardBy = (text: string) =>
    [
      { name: "the host's canary", heard: host.heard },
      { name: "the egress network's canary", heard: egress.heard },
      { name: "the sibling bottle", heard: (one: string) => sibling.reports.heard(one) },
    ].find((one) => one.heard(text))?.name;
  progress.done();
  return [...probes.map((probe) => judge(probe, answers, heardBy)), forwarding];
}

/** From where it would be heard if the bottle were open: beside it in the very networks that it must not reach. */
async function knockAtCanaries(
  engine: Engine,
  parts: { subject: ObjectNames; sibling: Sibling; egress: Canary; targets: ProbeTargets },
): Promise<void> {
  const { subject, sibling, egress, targets } = parts;
  const user = "65532:65532";
  await settleAll([
    knock(engine, {
      from: subject.gate,
      user,
      places: [{ host: targets.egress.address, port: targets.egress.port }],
      heard: egress.heard,
    }),
    knock(engine, {
      from: sibling.names.gate,
      user,
      places: [{ host: targets.sibling.agent, port: targets.sibling.port }],
      heard: (text) => sibling.reports.heard(text),
    }),
  ]);
}

interface Sibling {
  readonly names: ObjectNames;
  readonly reports: CanaryReports;
  readonly port: number;
}

/** A second real bottle whose agent listens. */
async function startSibling(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
  scope: Scope,
): Promise<Sibling> {
  const plan = renamed(options.plan, "sibling");
  const reports = new CanaryReports();
  const lines = makeLineTerminal(
    (line) => reports.take(JSON.parse(line) as CanaryEvent),
    () => undefined,
  );
  const bottle = await launchBottle(
    engine,
    { ...options, plan, terminal: lines.terminal },
    { ...context, weaknesses: undefined },
  );
  scope.add("sibling bottle", async () => void (await bottle.destroy()));
  bottle.attach(lines.terminal).then(
    () => reports.fail(new Error("the sibling bottle ended")),
    (error: Error) => reports.fail(error),
  );
  lines.write(renderCanaryInput({ port: 0 }));
  const { port } = await reports.listening;
  return { names: makeNames(plan), reports, port };
}

interface Subject {
  readonly names: ObjectNames;
  /** Has the probe try the tasks; outcomes by task */
  run(tasks: readonly ProbeTask[]): Promise<ReadonlyMap<string, string>>;
}

async function startSubject(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
  scope: Scope,
): Promise<Subject> {
  const answers = new Map<string, string>();
  const complaints: string[] = [];
  const lines = makeLineTerminal(
    (line) => {
      const answer = JSON.parse(line) as ProbeAnswer;
      answers.set(answer.name, answer.outcome);
    },
    (text) => complaints.push(text),
  );
  const bottle = await launchBottle(engine, { ...options, terminal: lines.terminal }, context);
  scope.add("bottle under test", async () => void (await bottle.destroy()));
  return {
    names: makeNames(options.plan),
    async run(tasks) {
      const session = bottle.attach(lines.terminal);
      lines.write(renderProbeInput(tasks));
      const { exitCode } = await session;
      if (exitCode !== 0) throw probeFailed(exitCode, complaints);
      return answers;
    },
  };
}

/** The sidecar has a leg in both networks: its kernel must not pass a packet on. Read where the kernel says so. */
async function probeForwarding(engine: Engine, names: ObjectNames): Promise<ProbeVerdict> {
  const common = { name: "forwarding", title: "the sidecar as a router" };
  const { stdout } = await runExec(engine, names.gate, { command: ["cat", "/proc/sys/net/ipv4/ip_forward"] });
  return stdout.trim() === "0"
    ? { ...common, verdict: "closed", detail: "its kernel forwards nothing" }
    : { ...common, verdict: "leak", detail: "its kernel forwards between its two networks" };
}

function renamed(plan: BottlePlan, word: string): BottlePlan {
  return { ...plan, bottleName: `${plan.bottleName}-${word}` };
}

function probeFailed(exitCode: number, complaints: readonly string[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot verify the bottle: the probe ended with ${exitCode}`,
    details: complaints.join("").split("\n").slice(-6).filter(Boolean),
    hint: "Verify with the default image (unset CLAUDE_BOTTLE_IMAGE), or report this.",
  });
}
