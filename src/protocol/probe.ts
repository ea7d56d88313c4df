/**
 * What `verify` says to the programs that it puts into containers, one JSON line on stdin, and what they answer, one JSON line each on
 * stdout. The probe runs in a bottle in claude's place and tries to get out; the canary listens where it must not be heard.
 */

export type ProbeTask = { readonly name: string } & (
  | { readonly kind: "tcp" | "udp"; readonly host: string; readonly port: number; readonly token: string }
  /** Asks the system's resolver for a name */
  | { readonly kind: "lookup"; readonly host: string }
  /** Sends one DNS question for a name to one server */
  | { readonly kind: "dns"; readonly server: string; readonly host: string }
  /** Sends bytes to a port of the sidecar and reads the first line of the answer */
  | { readonly kind: "request"; readonly host: string; readonly port: number; readonly text: string }
  /** Runs a few lines of Perl, which every Debian has, to make a system call that Node does not offer */
  | { readonly kind: "perl"; readonly script: string }
  /** Reads a file; of a list of fields only the lines that begin with one of them */
  | { readonly kind: "read"; readonly path: string; readonly fields?: readonly string[] }
);

export interface CanaryRequest {
  /** 0 lets the system choose */
  readonly port: number;
  /** Address on which it also takes DNS questions, port 53, if that is free */
  readonly dns?: string;
}
