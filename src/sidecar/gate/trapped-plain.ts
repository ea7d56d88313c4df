/** Looks for made-up credentials in plain http requests before they go on; a body is there as a whole first, as the filter wants it too. */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { listCodings } from "./inspect/decode.ts";
import { HeldBody } from "./inspect/held-body.ts";
import { lookAtBody, lookAtHead } from "./request-look.ts";
import type { LookContext } from "./request-look.ts";
import type { HostLook } from "./looked-request.ts";
import type { PlainRequest } from "./plain-request.ts";
import type { PlainForwarder } from "./proxy.ts";
import { Refusal } from "./refusal.ts";
import type { Traps } from "./traps.ts";
import { makeTurns } from "./turns.ts";

/** Each holds a body of some megabytes at most */
const turns = makeTurns(4, 64);
const bodyTimeMs = 45_000;

/** The same forwarder, which gets only what holds no canary. */
export function lookThrough(plain: PlainForwarder, traps: Traps): PlainForwarder {
  return async (agent, request, early) => {
    const giveBack = await turns.take();
    try {
      const look = traps.lookAt(request.host, agent.remotePort);
      const context = { looker: look.looker, coverage: look.beginCoverage() };
      look.judge(lookAtHead(context, request));
      const body = await readBody(agent, early, request.bodyLength);
      if (body.length > 0) await lookThroughBody(look, context, request, body);
      context.coverage.commit();
      return await plain(agent, request, body);
    } finally {
      giveBack();
    }
  };
}

async function lookThroughBody(
  look: HostLook,
  context: LookContext,
  { headers }: PlainRequest,
  body: Buffer,
): Promise<void> {
  const codings = headers.flatMap(([name, value]) => (name === "content-encoding" ? [value] : []));
  const held = new HeldBody({
    ...context,
    codings: listCodings(codings),
    judge: (found) => look.judge(found.map((one) => ({ where: "body", ...one }))),
    lookAtWhole: (whole) => lookAtBody(context, whole, headers),
  });
  await pipeline(Readable.from([body]), held, async (rest) => {
    for await (const _ of rest) {
      // It goes on from where it is
    }
  });
}

/** Exactly the announced bytes; whatever the agent sends beyond them is for whoever reads on. */
function readBody(agent: Socket, early: Buffer, length: number): Promise<Buffer> {
  if (early.length >= length) return Promise.resolve(early.subarray(0, length));
  return new Promise((resolve, reject) => {
    const chunks = [early];
    let missing = length - early.length;
    const gone = () =>
      end(() => reject(new Refusal("malformed", "the request ended before it was whole", 400)));
    const timer = setTimeout(gone, bodyTimeMs);
    const end = (act: () => void) => {
      clearTimeout(timer);
      agent.pause();
      agent.off("data", take).off("end", gone).off("close", gone);
      act();
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, missing));
      missing -= Math.min(missing, chunk.length);
      if (missing === 0) end(() => resolve(Buffer.concat(chunks)));
    };
    agent.on("data", take).once("end", gone).once("close", gone);
    agent.resume();
  });
}
