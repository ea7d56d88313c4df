/** How a cluster's API is reached, and as whom. */
import type { Secret } from "../core/secret.ts";

export interface Credential {
  readonly token?: Secret | undefined;
  /** PEM, both or none */
  readonly certificate?: string | undefined;
  readonly key?: Secret | undefined;
}

/** Asked before each call: tokens are replaced while a program runs. `isRefused`: what it gave last was not taken */
export type CredentialSource = (isRefused: boolean) => Promise<Credential>;

export interface Access {
  /** `https://host:port`, and a path where the API is below one */
  readonly url: string;
  /** PEM; undefined for the authorities that this machine trusts */
  readonly authority: string | undefined;
  /** What the server's certificate must bear, where that is not the host of the address */
  readonly serverName: string | undefined;
  /** `http://host:port` of a proxy on the way */
  readonly proxy: string | undefined;
  /** Headers that ask to be treated as somebody else */
  readonly impersonation: readonly (readonly [string, string])[];
  readonly credential: CredentialSource;
  readonly namespace: string;
  /** Why this one: `context "work" of /home/you/.kube/config` */
  readonly origin: string;
}

/** The outside as this module needs it, so that tests give it as a value. */
export interface AccessWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Undefined if the file is not there or cannot be read */
  readonly readFile: (path: string) => Promise<string | undefined>;
  /** Milliseconds since 1970 */
  readonly now: () => number;
}
