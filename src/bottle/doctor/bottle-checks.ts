/** Checks that concern what bottles are made of: images, the walls of one that is really started, leftovers. */
import { countOf, escapeForTerminal } from "../../core/text.ts";
import { noteOnFixes } from "../../plan/filter-releases.ts";
import type { Bottles } from "../bottles.ts";
import type { CheckResult, DiagnosisRequest } from "../diagnosis.ts";
import { ensureImage, ensurePresent, observeImage } from "../image/image.ts";
import type { ImageSettings } from "../image/image.ts";
import { needsImage } from "../platform/diagnosis.ts";
import type { Platform } from "../platform/platform.ts";

/** What every check is given. */
export interface Patient {
  readonly platform: Pick<Platform, "images" | "leftovers">;
  readonly request: DiagnosisRequest;
  readonly settings: ImageSettings;
  readonly verify: Bottles["verify"];
}

/** With `mends` it is built, so that every later check can use it. */
export async function checkImage({ platform: { images }, settings, request }: Patient): Promise<CheckResult> {
  const common = { name: "image", title: "Image" };
  const { mends, progress, signal } = request;
  const plan = await observeImage(images, request.image, settings);
  const shown = escapeForTerminal(plan.reference);
  const isThere =
    plan.state === "given" ? (await images.find(plan.reference)) !== undefined : plan.state === "exists";
  if (isThere) return { ...common, verdict: "ok", detail: `${shown} is there` };
  if (mends) {
    await ensureImage(images, request.image, settings, { force: false, progress, signal });
    return { ...common, verdict: "ok", detail: `${shown} was built now` };
  }
  const [detail, remedy] =
    plan.state === "given"
      ? [
          `${shown} is not there`,
          `Get it with "${images.pullCommand(plan.reference)}" or "claude-bottle doctor --fix", or name another one.`,
        ]
      : [
          `${shown} is not built yet; the first start builds it`,
          'Make it ahead of time with "claude-bottle build" or "claude-bottle doctor --fix".',
        ];
  return { ...common, verdict: "warning", detail, remedy };
}

/** Whether pipelock is there, or left out; with `mends` it is fetched. */
export async function checkFilter({ platform: { images }, request }: Patient): Promise<CheckResult> {
  const common = { name: "pipelock", title: "Filter" };
  const { pipelockImage, mends, progress, signal } = request;
  if (pipelockImage === undefined)
    return {
      ...common,
      verdict: "warning",
      detail: "CLAUDE_BOTTLE_EGRESS=builtin: the gate alone, nothing looks for credentials in what goes out",
      remedy: "Unset CLAUDE_BOTTLE_EGRESS.",
    };
  const shown = escapeForTerminal(pipelockImage);
  if (await images.find(pipelockImage))
    return { ...common, verdict: "ok", detail: `${shown} is there${noteOf(pipelockImage)}` };
  if (mends) {
    await ensurePresent(images, pipelockImage, progress, signal);
    return { ...common, verdict: "ok", detail: `${shown} was fetched now${noteOf(pipelockImage)}` };
  }
  return {
    ...common,
    verdict: "warning",
    detail: `${shown} is not there; the first start fetches it`,
    remedy:
      'Fetch it ahead of time with "claude-bottle doctor --fix", or name a mirror in CLAUDE_BOTTLE_PIPELOCK_IMAGE.',
  };
}

/** Behind what is said of an image. */
function noteOf(image: string): string {
  return noteOnFixes(image)
    .map((note) => `; ${note}`)
    .join("");
}

/** A bottle that grants nothing is started with a probe in claude's place, as by `verify`. */
export async function checkIsolation(patient: Patient): Promise<CheckResult> {
  const common = { name: "isolation", title: "Isolation" };
  if ((await findUsableImage(patient)) === undefined)
    return { ...common, verdict: "skipped", detail: "starting a bottle needs the image", remedy: needsImage };
  const verdicts = await patient.request.withProbe((probe) => patient.verify(probe));
  const bad = verdicts.filter(({ verdict }) => verdict === "leak" || verdict === "unknown");
  const closed = verdicts.filter(({ verdict }) => verdict === "closed").length;
  const untried = verdicts.length - closed;
  const tried = countOf(closed, "way out", "ways out");
  const rest = untried === 0 ? "" : `; ${untried} not tried, because the image lacks a program`;
  if (bad.length === 0)
    return {
      ...common,
      verdict: "ok",
      detail: `a bottle started and ended; ${tried} tried, each closed: host, names, networks, sidecar${rest}`,
    };
  return {
    ...common,
    verdict: "broken",
    detail: escapeForTerminal(
      bad.map(({ title, verdict, detail }) => `${title}: ${verdict} (${detail})`).join("; "),
    ),
    remedy: 'Start no agent here; see "claude-bottle verify AGENT" and docs/threat-model.md.',
  };
}

/** What holds work that was not pulled stays, as `cleanup` leaves it. */
export async function checkLeftovers({ platform: { leftovers }, request }: Patient): Promise<CheckResult> {
  const common = { name: "leftovers", title: "Leftovers" };
  const found = await leftovers.find();
  const removable = found.filter((one) => !one.holdsWork);
  const kept = found.length - removable.length;
  const words = [
    ...(removable.length > 0 ? [`${countOf(removable.length, "object")} of dead sessions`] : []),
    ...(kept > 0 ? [`${countOf(kept, "volume")} with work that was not pulled`] : []),
  ];
  const remedy =
    kept > 0
      ? 'Pull work with "claude-bottle pull", or see "claude-bottle cleanup".'
      : 'Remove them with "claude-bottle cleanup" or "claude-bottle doctor --fix".';
  if (found.length === 0) return { ...common, verdict: "ok", detail: "none" };
  if (!request.mends || removable.length === 0)
    return { ...common, verdict: "warning", detail: words.join(", "), remedy };
  const failures = await leftovers.remove(removable);
  if (failures.length > 0)
    return { ...common, verdict: "broken", detail: escapeForTerminal(failures.join("; ")), remedy };
  const detail = `${countOf(removable.length, "object")} of dead sessions removed now`;
  return kept > 0
    ? { ...common, verdict: "warning", detail: `${detail}, ${words.at(-1)}`, remedy }
    : { ...common, verdict: "ok", detail };
}

/** What a probe container could run; nothing is fetched or built for it. */
export async function findUsableImage({
  platform: { images },
  settings,
  request,
}: Patient): Promise<string | undefined> {
  const plan = await observeImage(images, request.image, settings);
  if (plan.state === "build") return undefined;
  return (await images.find(plan.reference)) ? plan.reference : undefined;
}
