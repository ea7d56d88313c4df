/** Looks at a request of an agent before it goes on: its head and a small body at once, a long body as it passes. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { listCodings, TooLarge } from "./inspect/decode.ts";
import { HeldBody } from "./inspect/held-body.ts";
import type { Looker } from "./inspect/looker.ts";
import type { Coverage } from "./inspect/own-secrets.ts";
import { isSmall, readWhole } from "./inspected-request.ts";
import type { InspectedRequest } from "./inspected-request.ts";
import { writeAll } from "./pass-body.ts";
import { lookAtBody, lookAtHead } from "./request-look.ts";
import type { Located, LookContext } from "./request-look.ts";

/** What looking at the requests to one host needs. */
export interface HostLook {
  readonly host: string;
  readonly looker: Looker;
  /** Of one more request to the host, by any connection */
  beginCoverage(): Coverage;
  /** Throws a `BlockedRequest`. */
  judge(found: readonly Located[]): void;
}

/** A request that has been looked at as far as it is there. */
export interface LookedRequest {
  readonly context: LookContext;
  /** There if it has been looked at */
  readonly body: Buffer | undefined;
}

/** `whole` is a body that was read before. Rejects with a `BlockedRequest`; nothing of the request has gone on then. */
export async function lookAtRequest(
  look: HostLook,
  asked: InspectedRequest,
  incoming: IncomingMessage,
  whole?: Buffer,
): Promise<LookedRequest> {
  const context = { looker: look.looker, coverage: look.beginCoverage() };
  look.judge(lookAtHead(context, { ...asked, host: look.host }));
  const body = whole ?? (isSmall(asked) ? await readWhole(incoming) : undefined);
  if (body) look.judge(lookAtWhole(context, asked, body));
  context.coverage.commit();
  return { context, body };
}

function lookAtWhole(context: LookContext, { headers }: InspectedRequest, body: Buffer): Located[] {
  try {
    return lookAtBody(context, body, headers);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return [{ rule: "grows-too-much", text: "", isTold: false, home: [], where: "body" }];
  }
}

/** A finding ends the request to the host by a reset; the agent is told, and may send the rest into the void. */
export function passLooked(
  look: HostLook,
  context: LookContext,
  asked: InspectedRequest,
  { incoming, outgoing }: { readonly incoming: IncomingMessage; readonly outgoing: ClientRequest },
): void {
  const codings = asked.headers.flatMap(([name, value]) => (/^content-encoding$/i.test(name) ? [value] : []));
  const held = new HeldBody({
    ...context,
    codings: listCodings(codings),
    judge: (found) => look.judge(found.map((one) => ({ where: "body", ...one }))),
    lookAtWhole: (body) => lookAtWhole(context, asked, body),
  });
  // Not `pipeline`: it would forget why, and a blocked body is read to its end
  incoming.pipe(held);
  writeAll(held, outgoing);
  incoming.once("close", () => {
    if (!incoming.complete) held.destroy(new Error("the agent went away"));
  });
  outgoing.once("close", () => held.destroy());
  held.on("error", (error) => outgoing.destroy(error));
  held.on("close", () => {
    // What went before a finding is with the host
    context.coverage.commit();
    incoming.unpipe(held);
    incoming.resume();
  });
}
