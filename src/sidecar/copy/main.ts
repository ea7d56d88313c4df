/** The copier: runs in an agent's container as the agent's user, for one `claude-bottle cp`. */
import type { CopyEvent } from "../../protocol/copy-events.ts";
import { ByteReader } from "../../archive/byte-reader.ts";
import { fromText } from "../../archive/byte-names.ts";
import { MemberCheck } from "../../archive/check-member.ts";
import { lookAtSource, lookAtTarget, placeCopy } from "../../archive/copy-place.ts";
import { Refusal } from "../../archive/file-trouble.ts";
import { renderNote } from "../../archive/notes.ts";
import { packTree, sentRoot } from "../../archive/pack-tree.ts";
import { readTar } from "../../archive/read-tar.ts";
import { takeIn } from "../../archive/take-in.ts";
import { TreeWriter } from "../../archive/tree-writer.ts";
import { writeTar } from "../../archive/write-tar.ts";
import { messageOf } from "../../core/error.ts";
import type { CopyRequest } from "../../protocol/copy.ts";

const maxRequestBytes = 64 * 1024;
const input = new ByteReader(process.stdin);

async function run(request: CopyRequest): Promise<void> {
  // Relative ones begin where this program was started
  const path = fromText(request.path.startsWith("/") ? request.path : `${process.cwd()}/${request.path}`);
  if (request.task === "send") await send(path, request.leavesOutGit);
  else await receive(path, request);
}

async function send(path: string, leavesOutGit: boolean): Promise<void> {
  // Nobody waits for the rest once the other side is gone
  void input.piece(1).then(() => process.exit(1));
  let source: Awaited<ReturnType<typeof lookAtSource>>;
  try {
    source = await lookAtSource(path);
  } catch (error) {
    return write(renderNote({ note: "failed", reason: messageOf(error) }));
  }
  const items = packTree({ path: source.path, leavesOutGit });
  for await (const piece of writeTar(items, { uid: 0, gid: 0 })) await write(piece);
}

async function receive(
  path: string,
  { source }: Extract<CopyRequest, { readonly task: "receive" }>,
): Promise<void> {
  try {
    const target = await lookAtTarget(path);
    if (!source && target.kind !== "folder") throw new Refusal("there is no such folder");
    const at = source ? placeCopy(source, target) : target.path;
    await tell({ event: "ready" });
    await takeArchive(at, source ? sentRoot : undefined);
    await tell({ event: "done" });
  } catch (error) {
    await tell({ event: "failed", reason: messageOf(error) });
  }
}

/** Links may say what they like: they are not followed here, and what they lead to is the agent's anyway. */
async function takeArchive(at: string, root: string | undefined): Promise<void> {
  const check = new MemberCheck({ root, links: "any", foldsCase: false, leavesOutGit: false });
  const sink = new TreeWriter({ at, mask: 0, links: "any", freeBytes: async () => undefined });
  await takeIn(readTar(rest(), { hasNotes: true }), {
    begin: async () => ({ check, sink }),
    onTotal: () => undefined,
    onBytes: () => undefined,
    onLeftOut: () => undefined,
    onProblem: ({ name, reason }) => void tell({ event: "problem", name, reason }),
  });
}

/** What stdin holds after the request */
async function* rest(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await input.piece(1024 * 1024);
    if (!piece) return;
    yield piece;
  }
}

function tell(event: CopyEvent): Promise<void> {
  return write(Buffer.from(`${JSON.stringify(event)}\n`));
}

/** Waits until it was taken, so that a slow reader costs no memory here. */
function write(data: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

async function readRequest(): Promise<CopyRequest> {
  const line = await input.line(maxRequestBytes);
  if (line === undefined) throw new Error("stdin ended before the request came");
  return JSON.parse(line) as CopyRequest;
}

readRequest()
  .then(run)
  .then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1));
    },
  );
