/** What a filter answered to the catalogue, as data. Everything that differs from run to run has been taken out. */

/** An answer over HTTP: head as it came without its date, body whole or, if it is long, as its length and hash */
export interface HttpAnswer {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

export interface ExchangeAnswer {
  /** To the CONNECT, if the exchange begins with one */
  readonly connect?: HttpAnswer;
  /** Issuer and protocol of TLS inside of the tunnel, or why there is none */
  readonly tls?: string;
  /** To the request; bytes of a tunnel to the echo server are no HTTP */
  readonly answer?: HttpAnswer | string;
  /** Whether the connection took another request after that */
  readonly end?: "open" | "closed";
  /** What the server behind the filter was sent: head and body */
  readonly upstream: readonly string[];
  /** Events on stdout, in order, as JSON without time, numbers of requests and durations */
  readonly log: readonly string[];
}

export interface RunAnswer {
  readonly exitCode: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

export interface Contract {
  /** As the program says */
  readonly version: string;
  /** Entry point, command, port, user and health check of the image; nothing for a program without one */
  readonly image: Readonly<Record<string, unknown>>;
  /** `check` on each configuration of the catalogue */
  readonly configurations: Readonly<Record<string, RunAnswer>>;
  /** Group and exchange */
  readonly exchanges: Readonly<Record<string, Readonly<Record<string, ExchangeAnswer>>>>;
  /** What each change of a running configuration led to: events, and lines on stderr */
  readonly reloads: Readonly<
    Record<string, { readonly log: readonly string[]; readonly stderr: readonly string[] }>
  >;
  /** Command lines, signals, pages and faults, each as lines */
  readonly life: Readonly<Record<string, readonly string[]>>;
}
