/** Proves a bottle closed: starts the real thing with a probe in claude's place, and listens where nothing of it may arrive. */
import { BottleError, messageOf } from "../../core/error.ts";
import { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { within } from "../../core/time/within.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { parseCanaryEvent, parseProbeAnswer } from "../../protocol/probe-answers.ts";
import type { ProbeTask } from "../../protocol/probe.ts";
import { programCommand, renderCanaryInput, renderProbeInput } from "../../sidecar/programs.ts";
import type { Bottle, LaunchOptions, ProbeVerdict } from "../bottle.ts";
import { renderFailures, withLeftovers } from "../left-behind.ts";
import { makeLineTerminal } from "../terminal/line-terminal.ts";
import { CanaryReports } from "./canary-reports.ts";
import { startCanary } from "./canary.ts";
import type { Canary } from "./canary.ts";
import { knock } from "./knock.ts";
import type { ProbeTargets } from "./probe.ts";
import { makeProbes } from "./probes.ts";
import type { ListenerPlace, Scene } from "../platform/scene.ts";
import { probeService } from "../platform/services.ts";
import { addProbeService, verifyServices } from "./services-probes.ts";
import { makeTargets } from "./targets.ts";
import { judge } from "./verdicts.ts";

/** What was sent last may still be on its way to a canary when the probe has ended */
const settleMs = 300;
/** All tries go on at once and each gives up after seconds; a machine that swaps gets its time */
const probeMs = 180_000;

/** Launches a bottle with a program of ours in claude's place. */
type LaunchProbe = (options: LaunchOptions) => Promise<Bottle>;

/** Brings everything up, tries everything, and undoes everything, whatever happens. */
export async function verifyBottle(
  scene: Scene,
  wanted: LaunchOptions,
  launch: LaunchProbe,
): Promise<readonly ProbeVerdict[]> {
  const options = { ...wanted, plan: addProbeService(wanted.plan) };
  const scope = new Scope();
  const left: string[] = [];
  const close = async () => [...renderFailures(await scope.close()), ...left];
  try {
    const verdicts = await runVerification(scene, options, { scope, left, launch });
    return [...verdicts, ...judgeLeftovers(await close())];
  } catch (error) {
    throw withLeftovers(error, await close());
  }
}

/** What the command made and could not remove; none if all went, which nobody has to be told. */
function judgeLeftovers(left: readonly string[]): ProbeVerdict[] {
  if (left.length === 0) return [];
  const detail = escapeForTerminal(left.join("; "));
  return [{ name: "leftovers", title: "what was made for this", verdict: "unknown", detail }];
}

interface Undoing {
  readonly scope: Scope;
  /** Lines of what a bottle could not remove of its own */
  readonly left: string[];
  readonly launch: LaunchProbe;
}

async function runVerification(
  scene: Scene,
  options: LaunchOptions,
  undoing: Undoing,
): Promise<readonly ProbeVerdict[]> {
  const { progress, signal } = options;
  progress.step("Starting a canary on the engine's host, a sibling bottle and the bottle itself");
  const { subject, targets, witnesses } = await bringUp(scene, options, undoing);
  const probes = makeProbes(targets);
  progress.step("Trying every way out");
  // The sidecar goes with the agent
  const forwarding = await probeForwarding(scene, options.plan);
  signal.throwIfAborted();
  const heardBy = (text: string) => witnesses.find(({ reports }) => reports.heard(text))?.name;
  const fromService = targets.services
    ? await verifyServices(scene.serviceOf(options.plan, probeService), targets, heardBy)
    : [];
  const answers = await subject.run(probes.flatMap((probe) => probe.tasks));
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  for (const { reports } of witnesses) reports.requireListening();
  progress.done();
  return [...probes.map((probe) => judge(probe, answers, heardBy)), ...fromService, forwarding];
}

interface Setting {
  readonly subject: Subject;
  readonly targets: ProbeTargets;
  /** Whoever must not hear anything, each of which has heard the command's own knock */
  readonly witnesses: readonly { readonly name: string; readonly reports: CanaryReports }[];
}

async function bringUp(scene: Scene, options: LaunchOptions, undoing: Undoing): Promise<Setting> {
  const { plan } = options;
  const canary = async (place: ListenerPlace, dns?: string) => {
    const listener = await scene.makeListener(
      place,
      { command: programCommand, hearsNames: dns !== undefined },
      undoing.scope,
    );
    return startCanary(place, listener, { port: 0, ...(dns === undefined ? {} : { dns }) });
  };
  // Where an engine that forwards names to its host's own resolver would ask
  const host = await canary("host", "127.0.0.1");
  const sibling = await startSibling(options, undoing);
  const subject = await startSubject(options, undoing);
  const egress = await canary("egress");
  const addresses = await scene.readAddresses(sibling.plan);
  const targets = makeTargets({ plan, addresses, host, egress, sibling, isGvisor: scene.isGvisor });
  await knockAtCanaries(scene, { plan, sibling, egress, targets });
  const witnesses = [
    { name: "the host's canary", reports: host.reports },
    { name: "the egress network's canary", reports: egress.reports },
    { name: "the sibling bottle", reports: sibling.reports },
  ];
  return { subject, targets, witnesses };
}

/** From where it would be heard if the bottle were open: beside it in the very networks that it must not reach. */
async function knockAtCanaries(
  scene: Scene,
  parts: { plan: BottlePlan; sibling: Sibling; egress: Canary; targets: ProbeTargets },
): Promise<void> {
  const { plan, sibling, egress, targets } = parts;
  const user = "65532:65532";
  await settleAll([
    knock({
      from: scene.gateOf(plan),
      user,
      places: [{ host: targets.egress.address, port: targets.egress.port }],
      reports: egress.reports,
    }),
    knock({
      from: scene.gateOf(sibling.plan),
      user,
      places: [{ host: targets.sibling.agent, port: targets.sibling.port }],
      udp: sibling.udp,
      reports: sibling.reports,
    }),
  ]);
}

interface Sibling {
  readonly plan: BottlePlan;
  readonly reports: CanaryReports;
  readonly port: number;
  /** Whether it hears datagrams: under runc no agent may have any */
  readonly udp: boolean;
}

/** A second real bottle whose agent listens. */
async function startSibling(options: LaunchOptions, undoing: Undoing): Promise<Sibling> {
  const plan = renamed(options.plan, "sibling");
  const reports = new CanaryReports();
  const complaints: string[] = [];
  const lines = makeLineTerminal(
    parseCanaryEvent,
    (event) => reports.take(event),
    (text) => complaints.push(text),
  );
  const bottle = await undoing.launch({ ...options, plan, terminal: lines.terminal });
  undoing.scope.add("sibling bottle", async () => void undoing.left.push(...(await bottle.destroy())));
  bottle.attach(lines.terminal).then(
    () => reports.end(`in a sibling bottle ended: ${complaints.join("").slice(-300)}`),
    (error: unknown) => reports.end(`in a sibling bottle was lost: ${messageOf(error)}`),
  );
  lines.write(renderCanaryInput({ port: 0 }));
  const { port, udp } = await reports.awaitListening();
  return { plan, reports, port, udp };
}

interface Subject {
  /** Has the probe try the tasks; outcomes by task */
  run(tasks: readonly ProbeTask[]): Promise<ReadonlyMap<string, string>>;
}

async function startSubject(options: LaunchOptions, { scope, left, launch }: Undoing): Promise<Subject> {
  const answers = new Map<string, string>();
  const complaints: string[] = [];
  const lines = makeLineTerminal(
    parseProbeAnswer,
    ({ name, outcome }) => answers.set(name, outcome),
    (text) => complaints.push(text),
  );
  const bottle = await launch({ ...options, terminal: lines.terminal });
  scope.add("bottle under test", async () => void left.push(...(await bottle.destroy())));
  return {
    async run(tasks) {
      const session = bottle.attach(lines.terminal);
      lines.write(renderProbeInput(tasks));
      const { exitCode } = await within(probeMs, session, (seconds) =>
        probeFailed(`is not done after ${seconds} s`, complaints),
      );
      if (exitCode !== 0) throw probeFailed(`ended with ${exitCode}`, complaints);
      return answers;
    },
  };
}

/** The sidecar has a leg in both networks: its kernel must not pass a packet on. Read where the kernel says so. */
async function probeForwarding(scene: Scene, plan: BottlePlan): Promise<ProbeVerdict> {
  const common = { name: "forwarding", title: "the sidecar as a router" };
  const { stdout, exitCode } = await scene.gateOf(plan).run({
    command: ["cat", "/proc/sys/net/ipv4/ip_forward"],
  });
  if (exitCode !== 0) return { ...common, verdict: "unknown", detail: "its kernel's setting cannot be read" };
  return stdout.trim() === "0"
    ? { ...common, verdict: "closed", detail: "its kernel forwards nothing" }
    : { ...common, verdict: "leak", detail: "its kernel forwards between its two networks" };
}

function renamed(plan: BottlePlan, word: string): BottlePlan {
  return { ...plan, bottleName: `${plan.bottleName}-${word}` };
}

function probeFailed(state: string, complaints: readonly string[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot verify the bottle: the probe ${state}`,
    details: complaints.join("").split("\n").slice(-6).filter(Boolean),
    hint: "Verify with the default image (unset CLAUDE_BOTTLE_IMAGE), or report this.",
  });
}
