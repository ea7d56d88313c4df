/** Where the sections of an agent's work go as they arrive. */
import type { WorkSection, WorkSink } from "../../bottle/work.ts";
import type { Incoming } from "../../host/incoming-files.ts";

export interface ArrivedSection {
  readonly section: WorkSection;
  /** Of its file */
  readonly name: string;
}

/** Each section becomes a file, to be looked at once all have come. */
export function makeSink(
  incoming: Incoming,
  sections: ArrivedSection[],
  onProblem: (problem: Extract<WorkSection, { section: "problem" }>) => void,
): WorkSink {
  return {
    async begin(section) {
      if (section.section === "problem") {
        onProblem(section);
        return { write: () => Promise.resolve(), end: () => Promise.resolve() };
      }
      const name = `${sections.length}.part`;
      sections.push({ section, name });
      return incoming.create(name);
    },
  };
}
