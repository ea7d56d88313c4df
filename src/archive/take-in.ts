/** From an archive's items to a sink: what is checked goes on, what is refused is told, and the rest of the archive is copied all the same. */
import { joinNames, quoteName } from "./byte-names.ts";
import type { MemberCheck } from "./check-member.ts";
import { DiskTrouble, Refusal } from "./file-trouble.ts";
import type { CopyProblem, MemberItem, TarItem } from "./tar-item.ts";
import type { MemberSink } from "./tree-writer.ts";

export interface Intake {
  /** Called with what the first member is. Throws if that cannot go where it is to go */
  begin(kind: "file" | "folder"): Promise<{ readonly check: MemberCheck; readonly sink: MemberSink }>;
  /** What the sender says will come */
  onTotal(total: { readonly files: number; readonly bytes: number }): void;
  /** Content that has come */
  onBytes(count: number): void;
  onProblem(problem: CopyProblem): void;
  onLeftOut(name: string): void;
}

export interface TakenIn {
  /** Files and links that were copied */
  readonly files: number;
  readonly bytes: number;
}

/** The sender says that nothing can be sent. The reason is hostile where a bottle says it. */
export class SenderFailed extends Error {}

/** Takes all of it. When it throws, nothing half-made is left. */
export async function takeIn(items: AsyncIterable<TarItem>, intake: Intake): Promise<TakenIn> {
  const state = new IntakeState(intake);
  try {
    for await (const item of items) await state.take(item);
    await state.finish();
  } catch (error) {
    await state.abandon();
    throw error;
  }
  return { files: state.files, bytes: state.bytes };
}

class IntakeState implements TakenIn {
  files = 0;
  bytes = 0;
  readonly #intake: Intake;
  #begun: Awaited<ReturnType<Intake["begin"]>> | undefined;
  #last: { readonly name: string; readonly size: number } | undefined;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  async take(item: TarItem): Promise<void> {
    if (!("note" in item)) return this.#takeMember(item);
    if (item.note === "total") this.#intake.onTotal(item);
    else if (item.note === "problem") this.#intake.onProblem(item);
    else if (item.note === "left-out") this.#intake.onLeftOut(item.name);
    else if (item.note === "failed") throw new SenderFailed(item.reason);
    else if (this.#last) {
      await this.#begun?.sink.spoil();
      this.#refuse(this.#last, "it became shorter while it was read");
    }
  }

  async finish(): Promise<void> {
    if (!this.#begun) return;
    const { check, sink } = this.#begun;
    for (const { name, reason } of await sink.finish()) {
      this.files -= 1;
      this.#intake.onProblem({ name: joinNames(check.root, name), reason });
    }
  }

  async abandon(): Promise<void> {
    await this.#begun?.sink.abandon();
  }

  async #takeMember(item: MemberItem): Promise<void> {
    const { member } = item;
    this.#begun ??= await this.#intake.begin(member.kind === "directory" ? "folder" : "file");
    this.#last = undefined;
    const verdict = this.#begun.check.check(member);
    if (verdict.verdict === "left-out") return this.#intake.onLeftOut(member.name);
    if (verdict.verdict === "refused")
      return this.#intake.onProblem({ name: member.name, reason: verdict.reason });
    try {
      await this.#begun.sink.add(verdict, { member, body: this.#count(item.body) });
    } catch (error) {
      if (error instanceof DiskTrouble)
        throw new DiskTrouble(`${quoteName(verdict.parts.join("/"))}: ${error.message}`, error.isFull);
      if (!(error instanceof Refusal)) throw error;
      return this.#intake.onProblem({ name: member.name, reason: error.message });
    }
    if (member.kind === "directory") return;
    this.files += 1;
    this.bytes += member.size;
    if (member.kind === "file") this.#last = member;
  }

  /** It was counted as copied. */
  #refuse({ name, size }: { readonly name: string; readonly size: number }, reason: string): void {
    this.#last = undefined;
    this.files -= 1;
    this.bytes -= size;
    this.#intake.onProblem({ name, reason });
  }

  async *#count(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      this.#intake.onBytes(piece.length);
      yield piece;
    }
  }
}
