/** Echo requests, which need no right and which every kernel answers by itself. */
import type { Probe, ProbeTargets } from "./probe.ts";

/** The answer is what is listened for here: a canary's program never sees the question. */
export function makePing({ host, egress, sibling }: ProbeTargets): Probe {
  const addresses = [...host.addresses, egress.address, sibling.agent, sibling.gate];
  const script = `
    socket(my $s, 2, 2, 1) or print("errno ".($!+0)), exit;
    for (qw(${addresses.join(" ")})) { send $s, pack("C2 n3 a8", 8, 0, 0, 1, 1, "bottle"), 0, pack("S n C4 x8", 2, 0, split /\\./) }
    my ($all, $left, $from) = ("", 1);
    vec($all, fileno $s, 1) = 1;
    while ($left > 0) {
      (my $count, $left) = select(my $ready = $all, undef, undef, $left);
      last if $count <= 0;
      next unless defined($from = recv $s, my $bytes, 256, 0) && length $from;
      print("answered by ".join ".", unpack "x4 C4", $from), exit;
    }
    print "silence";`;
  return {
    name: "ping",
    title: "echo requests to all of these",
    token: undefined,
    isLeak: (outcome) => outcome.startsWith("answered"),
    tasks: [{ kind: "perl", name: "ping", script }],
  };
}
