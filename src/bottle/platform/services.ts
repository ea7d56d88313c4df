/** Services as a platform has them: programs of others beside an agent, each in a part of its own. */
import type { Part } from "./part.ts";

/** Where a service runs: as a part of the bottle, but for what it is there */
export type ServicePart = Omit<Part, "role">;

export interface FoundService {
  /** As the manifest calls it */
  readonly name: string;
  /** Command that ends with 0 when it can be used; undefined for one that says nothing */
  readonly ready: readonly string[] | undefined;
  readonly part: ServicePart;
}

/** What the makers of a service's image say of it. */
export interface ServiceImage {
  readonly id: string;
  /** In place of its entry program; undefined for that one */
  readonly program?: readonly string[] | undefined;
  /** Absolute folders that it keeps data in */
  readonly volumes: readonly string[];
  /** Whom it runs as: `1001`, `1001:0`, a name, or empty for root */
  readonly user: string;
  /** Command that ends with 0 when it can be used */
  readonly check: readonly string[] | undefined;
}

/** What a verification puts beside the services of a plan, on the sidecar's image. No service of a manifest can be called so */
export const probeService = "verify_probe";
