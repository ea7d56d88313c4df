/** Whether gVisor keeps an agent from the kernel here. */
import { escapeForTerminal } from "../../../core/text.ts";
import type { CheckResult } from "../../diagnosis.ts";
import { needsImage } from "../../platform/diagnosis.ts";
import type { FindImage } from "../../platform/diagnosis.ts";
import { makeSessionLabels } from "../labels.ts";
import { observeRuntime, probeRuntime } from "../runtime.ts";
import type { Patient } from "./patient.ts";

/** gVisor is tried again, whatever an earlier try has said: that is what a doctor is for. */
export async function checkRuntime(patient: Patient, findImage: FindImage): Promise<CheckResult> {
  const common = { name: "runtime", title: "Runtime" };
  const { engine, info, probeCache, labels, endProcesses } = patient;
  if (!Object.hasOwn(info.Runtimes, "runsc")) {
    const { label, reason } = await observeRuntime(info, probeCache);
    return {
      ...common,
      verdict: "warning",
      detail: escapeForTerminal(`${label}: ${reason}, so agents share the kernel with everything else`),
      remedy: "Install gVisor and register runsc with the engine, where that is possible.",
    };
  }
  const image = await findImage();
  if (image === undefined)
    return {
      ...common,
      verdict: "skipped",
      detail: "gVisor is registered; trying it needs an image",
      remedy: needsImage,
    };
  const id = crypto.randomUUID().slice(0, 8);
  const runtime = await probeRuntime(engine, probeCache, {
    image,
    name: `claude-bottle-doctor-${id}`,
    endProcesses,
    labels: makeSessionLabels(`doctor-${id}`, "probe", labels),
  });
  const detail = escapeForTerminal(`${runtime.label}: ${runtime.reason}`);
  if (runtime.name === "runsc") return { ...common, verdict: "ok", detail };
  return {
    ...common,
    verdict: "broken",
    detail,
    remedy:
      'Fix gVisor, for example with "--network=host" among its runtimeArgs, or remove runsc from the engine\'s runtimes.',
  };
}
