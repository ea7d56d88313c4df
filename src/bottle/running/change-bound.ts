/** How much a host may be sent, changed at a running gate: one message for each of the two, since each has its own answer. */
import { askGate } from "../gate/gate-control.ts";
import type { BoundOutcome, BoundRequest } from "../live.ts";
import type { Part } from "../platform/part.ts";

/** Those that were changed, as they are now. */
export async function changeBound(
  gate: Part,
  { host, uploadBytes, requests }: Omit<BoundRequest, "session">,
): Promise<BoundOutcome["bounds"]> {
  const wanted = [
    ...(uploadBytes === undefined ? [] : [{ host, uploadBytes }]),
    ...(requests === undefined ? [] : [{ host, requests }]),
  ];
  const bounds: { what: "upload" | "requests"; used: number; limit: number }[] = [];
  for (const bound of wanted) {
    const { what, used, limit } = await askGate(gate, { type: "bound", bound }, "bound");
    bounds.push({ what, used, limit });
  }
  return bounds;
}
