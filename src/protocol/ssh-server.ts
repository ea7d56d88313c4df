/**
 * What this machine says to the program that starts an ssh server in a bottle: one JSON line on stdin. The program answers with a line that is
 * `ready`, or with one that says why not; after that both directions are the server's own. Whoever runs in the bottle can answer in its place.
 */

export interface SshServerRequest {
  /** Private key of the server, in OpenSSH's form; made for this session */
  readonly hostKey: string;
  /** `ssh-ed25519 AAAA…`: the one key that may log in */
  readonly authorizedKey: string;
}

export const sshReadyLine = "ready";
