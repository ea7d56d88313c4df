/** Rewrites the beginning of a server's list of refs as it passes. */
import { Transform } from "node:stream";
import { rewriteAdvertisement } from "./advertisement.ts";
import { malformed } from "./pkt-line.ts";

const mostBytes = 256 * 1024;

/** For the answer to `info/refs?service=git-receive-pack`. */
export function makeRefsRewriter(): Transform {
  let held: Buffer | undefined = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!held) return done(null, chunk);
      held = Buffer.concat([held, chunk]);
      try {
        const rewritten = rewriteAdvertisement(held);
        if (!rewritten)
          return done(
            held.length > mostBytes ? malformed("the server's list of refs has no beginning") : null,
          );
        this.push(rewritten.written);
        const rest = held.subarray(rewritten.read);
        held = undefined;
        done(null, rest);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      done(held ? malformed("the server's list of refs ends too early") : null);
    },
  });
}
