/** What launcher and gate say to each other about what becomes of secrets: those that are put in, and those that were found. */

/** A secret of the session that must not leave through an inspected host. */
export interface GateOwnSecret {
  /** As it is told and allowed: `env:NAME`, `token`, `ssh:HOST` */
  readonly rule: string;
  readonly value: string;
  /** The agent can read it */
  readonly isInBottle: boolean;
  /** Known to be one, and not a word of a configuration */
  readonly isSure: boolean;
}

/** What was found in a request to an inspected host, and what became of it. */
export interface GateFindingEvent {
  readonly host: string;
  readonly rule: string;
  /** `header x-key`, `query key`, `body $.a.b`; hostile when printed */
  readonly where: string;
  /** Equal for equal secrets of one session; of no use to find out the secret */
  readonly fingerprint: string;
  /** `told`: known to stand in public, or made for tests. `allowed`: by the manifest */
  readonly verdict: "blocked" | "told" | "allowed";
  /** Since `first`, this time included */
  readonly count: number;
  /** ISO 8601 */
  readonly first: string;
}

/** What became of a secret at a host so far. */
export interface GateSecretEvent {
  readonly name: string;
  readonly host: string;
  /**
   * `used`: the real value was put in. `blocked`: the placeholder came where nothing is put in. `returned`: the real value was in what the
   * host sent, and was taken out
   */
  readonly verdict: "used" | "blocked" | "returned";
  /** For `blocked`. `connect`: in what asks for a connection, or in a plain http request */
  readonly where?: "address" | "header" | "body" | "connect";
  /** Since `first`, this time included */
  readonly count: number;
  /** ISO 8601 */
  readonly first: string;
}
