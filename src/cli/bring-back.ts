/** Brings an agent's work from the platform's keeping into the user's repository and the session's record. Nothing is removed here. */
import { join } from "node:path";
import type { BottleFactory } from "../bottle/bottle.ts";
import { NoWork } from "../bottle/work.ts";
import type { WorkSection, WorkSink } from "../bottle/work.ts";
import { BottleError, messageOf } from "../core/error.ts";
import type { RepositoryBase } from "../core/repository-base.ts";
import { escapeForTerminal } from "../core/text.ts";
import { MissingHistory } from "../host/fetch-bundle.ts";
import { isRepository } from "../host/git.ts";
import { keepBundle, keepFile, keepTranscript, openIncoming, takeBundle } from "../host/incoming-files.ts";
import type { Incoming } from "../host/incoming-files.ts";
import type { JournalEntry } from "../host/journal.ts";
import { recordFolder } from "../host/session-records.ts";
import type { BroughtRef } from "../host/session-records.ts";
import { stateFolder } from "../host/state.ts";
import type { World } from "../host/world.ts";

export interface BroughtWork {
  readonly refs: readonly BroughtRef[];
  /** Names of files in the session's record */
  readonly files: readonly string[];
  readonly claudeSession: string | undefined;
  /** What is still only in the bottle, and why; empty if everything came through */
  readonly problems: readonly string[];
  /** The platform went away, which is no fault of the work's */
  readonly isCut: boolean;
  /** Somebody ended what collects it, which an engine does that is shut down */
  readonly isStopped?: boolean;
  /** The engine that was asked has none of it */
  readonly isGone?: boolean;
}

/** Collects, checks and takes over. Never throws: what failed is among the problems. */
export async function bringBack(
  world: World,
  factory: BottleFactory,
  entry: JournalEntry,
): Promise<BroughtWork> {
  const record = recordFolder(stateFolder(world), entry.session);
  const repositories = entry.workspace?.repositories ?? [];
  const work = new Arrival(world, entry, record);
  try {
    await work.collect(factory, repositories);
    // The user threw away a commit that went in, so git's history of it is needed as well
    if (work.lacksHistory)
      await work.collect(
        factory,
        repositories.map(({ path, objectFormat, head }) => ({ path, objectFormat, head, tips: [] })),
      );
  } catch (error) {
    work.isCut = error instanceof BottleError && error.code === "engine-unreachable";
    work.isStopped = error instanceof BottleError && error.code === "aborted";
    work.isGone = error instanceof NoWork;
    const more = error instanceof BottleError ? error.details : [];
    work.problems.push(...[messageOf(error), ...more].map(escapeForTerminal));
  }
  return work;
}

class Arrival implements BroughtWork {
  refs: BroughtRef[] = [];
  files: string[] = [];
  claudeSession: string | undefined;
  problems: string[] = [];
  isCut = false;
  isStopped = false;
  isGone = false;
  lacksHistory = false;
  readonly #world: World;
  readonly #entry: JournalEntry;
  readonly #record: string;

  constructor(world: World, entry: JournalEntry, record: string) {
    this.#world = world;
    this.#entry = entry;
    this.#record = record;
  }

  async collect(factory: BottleFactory, repositories: readonly RepositoryBase[]): Promise<void> {
    this.refs = [];
    this.files = [];
    this.problems = [];
    const isRepeated = this.lacksHistory;
    this.lacksHistory = false;
    const incoming = await openIncoming(this.#record);
    const sections: { readonly section: WorkSection; readonly name: string }[] = [];
    try {
      const { session, workspace, hasTranscript } = this.#entry;
      await factory.collectWork(
        { session, task: "bring-back", hasWorkspace: workspace !== undefined, hasTranscript, repositories },
        makeSink(incoming, sections, this.problems),
      );
      for (const { section, name } of sections) {
        await this.#take(incoming, section, name).catch((error: unknown) => {
          if (error instanceof MissingHistory && !isRepeated) this.lacksHistory = true;
          else this.problems.push(`${section.section}: ${escapeForTerminal(messageOf(error))}`);
        });
      }
    } finally {
      await incoming.remove();
    }
  }

  async #take(incoming: Incoming, section: WorkSection, name: string): Promise<void> {
    const { session, workspace } = this.#entry;
    const { env } = this.#world;
    if (section.section === "transcript") {
      const kept = await keepTranscript(incoming, name, this.#record, section.root);
      if (!kept) return;
      this.claudeSession = kept.claudeSession;
      this.files.push("transcript");
    } else if (section.section === "patch") {
      this.files.push(await keepFile(incoming, name, this.#record, "changes.patch"));
    } else if (section.section === "bundle" && workspace) {
      const path = workspace.repositories[section.repository]?.path ?? "";
      const repository = path === "" ? workspace.directory : join(workspace.directory, path);
      if (section.repository >= 0 || (await isRepository(repository, env))) {
        const refs = await takeBundle(incoming, name, { repository, session, env });
        for (const { ref, id, commits } of refs) this.refs.push({ ref, id, commits, repository: path });
      } else this.files.push(await keepBundle(incoming, name, this.#record, env));
    }
  }
}

/** Each section becomes a file, to be looked at once all have come. */
function makeSink(
  incoming: Incoming,
  sections: { section: WorkSection; name: string }[],
  problems: string[],
): WorkSink {
  return {
    async begin(section) {
      if (section.section === "problem") {
        problems.push(escapeForTerminal(section.text));
        return { write: () => Promise.resolve(), end: () => Promise.resolve() };
      }
      const name = `${sections.length}.part`;
      sections.push({ section, name });
      return incoming.create(name);
    },
  };
}
