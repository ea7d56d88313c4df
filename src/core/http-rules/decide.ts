/** Whether the rules of a host allow a request. Pure: the same lines and the same request give the same answer, here and in the sidecar. */
import type { GraphqlWish, HttpRule } from "./http-rule.ts";
import { matchesPath } from "./match-path.ts";
import { parseRequestPath } from "./request-path.ts";
import { fitsQuery } from "./request-query.ts";

export interface RuledRequest {
  /** As sent, or `WEBSOCKET` */
  readonly method: string;
  /** As sent: path and query */
  readonly target: string;
}

export type Decision =
  | {
      readonly verdict: "allowed";
      /** The path in its one form with the query as it came: what goes on to the host */
      readonly target: string;
      readonly rule: HttpRule;
    }
  | {
      /** One of these rules allows it if its body is such an operation */
      readonly verdict: "by-body";
      readonly target: string;
      readonly rules: readonly (HttpRule & { readonly graphql: GraphqlWish })[];
    }
  | {
      readonly verdict: "refused";
      /** Printable ASCII; a clause without a full stop */
      readonly reason: string;
      /** In its one form; undefined if it has none */
      readonly path: string | undefined;
    };

const maxShownPath = 200;

/** The first rule that allows it decides; where none does it is refused. */
export function decide(rules: readonly HttpRule[], { method, target }: RuledRequest): Decision {
  const read = parseTarget(target);
  if (!read.ok) return { verdict: "refused", reason: read.problem, path: undefined };
  const { segments, path, query } = read;
  const fitting = rules.filter(
    (rule) =>
      (rule.methods === undefined || rule.methods.includes(method)) &&
      // Some servers of GraphQL take the operation from the query of a POST
      ((!rule.forbidsQuery && rule.graphql === undefined) || query === undefined) &&
      matchesPath(segments, rule.path) &&
      fitsQuery(query, rule.query),
  );
  const onward = query === undefined ? path : `${path}?${query}`;
  const whole = fitting.find((one) => one.graphql === undefined);
  if (whole) return { verdict: "allowed", target: onward, rule: whole };
  const byBody = fitting.flatMap((one) => (one.graphql ? [{ ...one, graphql: one.graphql }] : []));
  if (byBody.length > 0) return { verdict: "by-body", target: onward, rules: byBody };
  return { verdict: "refused", reason: `no rule of the host allows ${method} ${shorten(path)}`, path };
}

type TargetResult =
  | {
      readonly ok: true;
      readonly segments: readonly string[];
      readonly path: string;
      /** Undefined if there is no question mark */
      readonly query: string | undefined;
    }
  | { readonly ok: false; readonly problem: string };

function parseTarget(target: string): TargetResult {
  const at = target.indexOf("?");
  const query = at < 0 ? undefined : target.slice(at + 1);
  if (query !== undefined && /[^\x21-\x7e]|#/.test(query))
    return { ok: false, problem: "the query has a number sign or a character outside printable ASCII" };
  if (query !== undefined && overridesMethod(query))
    return { ok: false, problem: "the query names another method" };
  const parsed = parseRequestPath(at < 0 ? target : target.slice(0, at));
  if (!parsed.ok) return parsed;
  const { segments } = parsed;
  return { ok: true, segments, path: `/${segments.join("/")}`, query };
}

/** Frameworks for browsers' forms take the method from there. */
function overridesMethod(query: string): boolean {
  const plain = query.replaceAll(/%([0-7][0-9A-Fa-f])/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /(?:^|[&;])(?:_method|x-http-method-override|x-method-override)=/i.test(plain);
}

function shorten(path: string): string {
  return path.length <= maxShownPath ? path : `${path.slice(0, maxShownPath)}…`;
}
