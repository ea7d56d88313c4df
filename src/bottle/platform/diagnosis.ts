/** What a platform can tell a doctor of itself and of its machine. */
import type { CheckResult } from "../diagnosis.ts";

/** What to do where a check needs an image and there is none */
export const needsImage = 'Run "claude-bottle doctor --fix", which makes one.';

/** An image that an agent could run, if there is one; nothing is fetched or built for it */
export type FindImage = () => Promise<string | undefined>;

/** Something of the platform's own machine that is looked at. */
export interface MachineCheck {
  /** A stable word for scripts */
  readonly name: string;
  readonly title: string;
  /** Rejects for what could not be looked at. */
  readonly run: () => Promise<CheckResult>;
}

/** A check that tries something with an image. */
export interface RuntimeCheck extends Omit<MachineCheck, "run"> {
  readonly run: (findImage: FindImage) => Promise<CheckResult>;
}

export interface Diagnosis {
  /** Rejects if the platform does not answer: then no check of any kind can be made. */
  look(): Promise<void>;
  /** In the order of the output. The first is whether the platform can be used at all */
  readonly machine: readonly MachineCheck[];
  /** What keeps an agent from the kernel */
  readonly runtime: RuntimeCheck;
}
