/**
 * Hosts that take data from anybody by what they are for: whoever may reach one can hand over what is in the bottle under an account
 * of his own, and the sidecar sees a connection to an allowed host. Granting one may well be right; it should not happen unknowingly.
 */
import { matchesHostPattern } from "../core/host-name.ts";
import type { Destination } from "./egress-plan.ts";

interface Channel {
  /** Why it is one: `anybody can …` */
  readonly reason: string;
  /** Names and patterns as in a manifest */
  readonly hosts: readonly string[];
}

const channels: readonly Channel[] = [
  {
    reason: "a code host: anybody with a token can push to a repository, gist or issue of their own",
    hosts: [
      "*.github.com",
      "*.gitlab.com",
      "*.bitbucket.org",
      "*.codeberg.org",
      "*.sr.ht",
      "*.gitea.com",
      "dev.azure.com",
      "*.visualstudio.com",
      "*.huggingface.co",
      "*.replit.com",
    ],
  },
  {
    reason: "an object store: anybody can write to a bucket of their own",
    hosts: [
      "*.amazonaws.com",
      "*.googleapis.com",
      "*.blob.core.windows.net",
      "*.r2.cloudflarestorage.com",
      "*.digitaloceanspaces.com",
      "*.backblazeb2.com",
      "*.wasabisys.com",
      "*.dropboxapi.com",
      "*.dropbox.com",
      "*.supabase.co",
      "*.firebaseio.com",
    ],
  },
  {
    reason: "a place to paste and to drop files: anybody can leave something there for others",
    hosts: [
      "*.pastebin.com",
      "*.paste.ee",
      "*.hastebin.com",
      "*.dpaste.org",
      "*.transfer.sh",
      "*.file.io",
      "*.0x0.st",
      "*.ix.io",
      "*.termbin.com",
      "*.gofile.io",
      "*.wetransfer.com",
    ],
  },
  {
    reason: "a package registry: anybody can publish a package, and installing one runs others' code",
    hosts: [
      "*.npmjs.org",
      "*.npmjs.com",
      "*.pypi.org",
      "upload.pypi.org",
      "*.rubygems.org",
      "*.crates.io",
      "*.nuget.org",
      "*.packagist.org",
      "*.docker.io",
      "ghcr.io",
      "*.quay.io",
      "*.jsr.io",
    ],
  },
  {
    reason: "a chat or webhook service: anybody can receive messages there",
    hosts: [
      "*.slack.com",
      "*.discord.com",
      "*.discordapp.com",
      "*.telegram.org",
      "*.webhook.site",
      "*.office.com",
      "*.zapier.com",
      "*.ifttt.com",
      "*.pipedream.net",
      "*.requestbin.com",
      "*.ntfy.sh",
      "*.twilio.com",
      "*.sendgrid.com",
      "*.mailgun.net",
    ],
  },
  {
    reason: "a tunnel or a platform where anybody runs a server under the provider's name",
    hosts: [
      "*.ngrok.io",
      "*.ngrok.app",
      "*.ngrok-free.app",
      "*.trycloudflare.com",
      "*.workers.dev",
      "*.pages.dev",
      "*.vercel.app",
      "*.netlify.app",
      "*.herokuapp.com",
      "*.fly.dev",
      "*.onrender.com",
      "*.cloudfront.net",
      "*.azurewebsites.net",
      "*.run.app",
      "*.web.app",
      "*.github.io",
    ],
  },
];

/** One sentence for each granted host that is such a channel, in the order of the destinations. */
export function warnOfExfiltration(destinations: readonly Destination[]): readonly string[] {
  const seen = new Set<string>();
  return destinations.flatMap(({ host, origin, rules, git }) => {
    const reason = findReason(host);
    // Named repositories are no such channel
    if (git && !rules) return [];
    // What the program itself grants is not the user's to weigh, and what is read alone hands nothing over in the sense of the table
    if (reason === undefined || origin.kind === "built-in" || seen.has(host) || onlyReads(rules)) return [];
    seen.add(host);
    return [`${host} is ${reason}`];
  });
}

/** By presets, and by rules of methods that change nothing. */
export function onlyReads(rules: Destination["rules"]): boolean {
  return (
    rules !== undefined &&
    rules.lines.every(
      ({ text, preset }) => preset !== undefined || /^(?:GET|HEAD|,)+ |^POST \S+ query\b/.test(text),
    )
  );
}

/** Why a host is such a channel, as far as that is known. A pattern counts if it covers such a host, or lies below one. */
export function findReason(host: string): string | undefined {
  const base = host.replace(/^\*\./, "");
  return channels.find(({ hosts }) =>
    hosts.some(
      (known) => matchesHostPattern(base, known) || matchesHostPattern(known.replace(/^\*\./, ""), host),
    ),
  )?.reason;
}
