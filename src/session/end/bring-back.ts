/** Brings an agent's work from the platform's keeping into the user's repository and the session's record. Nothing is removed here. */
import type { BroughtRef, LeftOutput } from "../../protocol/receipt.ts";
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { MemoryNote } from "../../protocol/memory-note.ts";
import type { Bottles } from "../../bottle/bottles.ts";
import { join } from "node:path";
import { NoWork } from "../../bottle/work.ts";
import type { WorkSection } from "../../bottle/work.ts";
import { BottleError, messageOf } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { MissingHistory } from "../../host/fetch-bundle.ts";
import { isRepository } from "../../host/git.ts";
import { findRoom } from "../../host/incoming-room.ts";
import {
  keepBrought,
  keepBundle,
  keepFile,
  keepTranscript,
  openIncoming,
  readLeftOutput,
  takeBundle,
  takeRefs,
} from "../../host/incoming-files.ts";
import type { Incoming } from "../../host/incoming-files.ts";
import { keepMemory } from "../../host/memory-files.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import { makeSink } from "./arrived-sections.ts";
import type { ArrivedSection } from "./arrived-sections.ts";
import { silentWorkProgress } from "./work-progress.ts";
import type { WorkProgressLine } from "./work-progress.ts";

export interface BroughtWork {
  readonly refs: readonly BroughtRef[];
  /** Names of files in the session's record */
  readonly files: readonly string[];
  readonly claudeSession: string | undefined;
  /** What was made of Claude's own memory of the project; unset where it is not carried */
  readonly memory?: MemoryNote | undefined;
  /** What was made in ignored places and stays there */
  readonly leftOutput?: readonly LeftOutput[];
  /** Ignored files that were asked for and are nothing that may be written here, a sentence each; safe to print */
  readonly refused?: readonly string[];
  /** What is still only in the bottle, and why; empty if everything came through */
  readonly problems: readonly string[];
  /** The platform went away, which is no fault of the work's */
  readonly isCut: boolean;
  /** Somebody ended what collects it, which an engine does that is shut down */
  readonly isStopped?: boolean;
  /** The engine that was asked has none of it */
  readonly isGone?: boolean;
}

export interface BringBackHow {
  readonly isOver: boolean;
  /** Nothing is told by default */
  readonly progress?: WorkProgressLine | undefined;
}

/** Collects, checks and takes over; `isOver`: the agent has ended. Never throws: what failed is among the problems. */
export async function bringBack(
  world: World,
  bottles: Bottles,
  entry: JournalEntry,
  { isOver, progress = silentWorkProgress }: BringBackHow,
): Promise<BroughtWork> {
  const record = recordFolder(stateFolder(world), entry.session);
  const work = new Arrival(world, entry, record, progress);
  const goesOn = !isOver;
  try {
    await work.collect(bottles, { saves: isOver, goesOn });
    // The user threw away a commit that went in, so git's history of it is needed as well
    if (work.lacksHistory) await work.collect(bottles, { hasHistory: true, saves: isOver, goesOn });
    // Worktrees that only the running bottle can see
    if (work.isOutside && !isOver)
      await work.collect(bottles, { hasHistory: work.hasHistory, saves: true, goesOn });
    // Files that their owner has made unreadable, once nobody is there any more whom it could trouble
    if (work.isLocked && isOver)
      await work.collect(bottles, { hasHistory: work.hasHistory, unlocks: true, saves: true });
  } catch (error) {
    work.isCut = error instanceof BottleError && error.code === "engine-unreachable";
    work.isStopped = error instanceof BottleError && error.code === "aborted";
    work.isGone = error instanceof NoWork;
    const more = error instanceof BottleError ? error.details : [];
    work.problems.push(...[messageOf(error), ...more].map(escapeForTerminal));
  } finally {
    progress.done();
  }
  return work;
}

class Arrival implements BroughtWork {
  refs: BroughtRef[] = [];
  files: string[] = [];
  claudeSession: string | undefined;
  memory: MemoryNote | undefined;
  problems: string[] = [];
  isCut = false;
  isStopped = false;
  isGone = false;
  leftOutput: LeftOutput[] = [];
  refused: string[] = [];
  lacksHistory = false;
  hasHistory = false;
  isLocked = false;
  isOutside = false;
  readonly #world: World;
  readonly #entry: JournalEntry;
  readonly #record: string;
  readonly #progress: WorkProgressLine;

  constructor(world: World, entry: JournalEntry, record: string, progress: WorkProgressLine) {
    this.#world = world;
    this.#entry = entry;
    this.#record = record;
    this.#progress = progress;
  }

  async collect(
    bottles: Bottles,
    { hasHistory = false, unlocks = false, saves = false, goesOn = false },
  ): Promise<void> {
    this.refs = [];
    this.files = [];
    this.leftOutput = [];
    this.refused = [];
    this.#forgetProblems();
    this.lacksHistory = false;
    this.hasHistory = hasHistory;
    const incoming = await openIncoming(this.#record);
    const sections: ArrivedSection[] = [];
    try {
      const { session, workspace, hasTranscript, hasWentIn = false, memory } = this.#entry;
      await bottles.collectWork(
        {
          session,
          task: "bring-back",
          hasWorkspace: workspace !== undefined,
          hasTranscript: hasTranscript || memory !== undefined,
          hasWentIn,
          repositories: workspace?.repositories ?? [],
          roomBytes: await findRoom([this.#record, ...this.#folders()]),
          hasHistory,
          bring: workspace?.bring ?? [],
          unlocks,
          saves,
          goesOn,
        },
        {
          progress: (progress) => this.#progress.tell(progress),
          ...makeSink(incoming, sections, (problem) => {
            this.problems.push(escapeForTerminal(problem.text));
            this.isLocked ||= problem.isLocked === true;
            this.isOutside ||= problem.isOutside === true;
          }),
          restart: () => {
            this.#forgetProblems();
            sections.length = 0;
            return incoming.clear();
          },
          taken: () => this.#takeAll(incoming, sections, hasHistory),
        },
      );
    } finally {
      await incoming.remove();
    }
  }

  #forgetProblems(): void {
    this.problems = [];
    this.isLocked = false;
    this.isOutside = false;
  }

  async #takeAll(
    incoming: Incoming,
    sections: readonly ArrivedSection[],
    hasHistory: boolean,
  ): Promise<void> {
    for (const { section, name } of sections) {
      await this.#take(incoming, section, name).catch((error: unknown) => {
        if (error instanceof MissingHistory && !hasHistory) this.lacksHistory = true;
        else this.problems.push(`${section.section}: ${escapeForTerminal(messageOf(error))}`);
      });
    }
  }

  /** Of the repositories that it goes into. */
  #folders(): string[] {
    const { workspace } = this.#entry;
    return (workspace?.repositories ?? []).map(({ path }) => join(workspace?.directory ?? "", path));
  }

  async #take(incoming: Incoming, section: WorkSection, name: string): Promise<void> {
    const { session, workspace } = this.#entry;
    const { env } = this.#world;
    if (section.section === "transcript") await this.#takeRecord(incoming, name, section.root);
    else if (section.section === "patch") {
      this.files.push(await keepFile(incoming, name, this.#record, "changes.patch"));
    } else if (section.section === "brought") {
      const { files, problems } = await keepBrought(incoming, name, this.#record);
      if (files > 0) this.files.push("brought");
      this.refused.push(...problems);
    } else if (section.section === "ignored") {
      this.leftOutput = await readLeftOutput(incoming, name);
    } else if ((section.section === "bundle" || section.section === "refs") && workspace) {
      const path = workspace.repositories[section.repository]?.path ?? "";
      const repository = path === "" ? workspace.directory : join(workspace.directory, path);
      const place = { repository, session, env };
      if (section.section === "bundle" && section.repository < 0 && !(await isRepository(repository, env))) {
        this.files.push(await keepBundle(incoming, name, this.#record, env));
        return;
      }
      const take = section.section === "bundle" ? takeBundle : takeRefs;
      for (const ref of await take(incoming, name, place)) {
        const isThere = this.refs.some((one) => one.ref === ref.ref && one.repository === path);
        if (!isThere) this.refs.push({ ...ref, repository: path });
      }
    }
  }

  /** Of Claude's own record, what is kept of it and what is asked about. */
  async #takeRecord(incoming: Incoming, name: string, root: string | undefined): Promise<void> {
    const { memory, hasTranscript } = this.#entry;
    if (memory) {
      const isPartial = this.problems.length > 0;
      this.memory = await keepMemory(incoming, this.#record, { name, root, ...memory, isPartial });
    }
    const kept = hasTranscript ? await keepTranscript(incoming, name, this.#record, root) : undefined;
    if (!kept) return;
    this.claudeSession = kept.claudeSession;
    this.files.push("transcript");
  }
}
