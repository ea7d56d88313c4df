/** What a plan says of how much hosts may be sent. */
import { countOf, renderBytes } from "../core/text.ts";
import { at } from "./at-source.ts";
import type { BottlePlan } from "./plan.ts";

/** A row for each host. */
export function describeBounds({ egress }: Pick<BottlePlan, "egress">): string[][] {
  return (egress.bounds ?? []).map(({ host, uploadBytes, requests, source }) => {
    const parts = [
      ...(uploadBytes === undefined ? [] : [`${renderBytes(uploadBytes)} up`]),
      ...(requests === undefined ? [] : [countOf(requests, "request")]),
    ];
    return [host, `at most ${parts.join(" and ") || "anything"} in this session`, at(source)];
  });
}

/** One line for each in the policy. */
export function boundsPolicy({ egress }: Pick<BottlePlan, "egress">): string[] {
  return (egress.bounds ?? []).map(
    ({ host, uploadBytes, requests }) =>
      `bound ${host} upload=${uploadBytes ?? "any"} requests=${requests ?? "any"}`,
  );
}
