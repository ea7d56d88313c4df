/** What finding an engine looks at, and what it finds for TLS. */

export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** The outside as this module needs it, so that tests give it as a value. */
export interface EndpointWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number;
  readonly platform: string;
  /** Undefined if the file is not there or cannot be read */
  readonly readFile: (path: string) => Promise<string | undefined>;
}
