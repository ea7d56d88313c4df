/** The product's own agent image with a run's authority added to what it trusts: the only thing a session test changes in it. */
import { buildImage } from "../../../src/engine/build-image.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { makeTar } from "../../../src/archive/small-tar.ts";

const dockerfile = `ARG BASE
FROM \${BASE}
USER root
COPY ca.pem /usr/local/share/ca-certificates/claude-bottle-test.crt
RUN update-ca-certificates
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
USER node
`;

/** Builds it under the tag, with the run's label so that the run's end removes it. */
export async function buildTrustingImage(
  engine: Engine,
  image: {
    readonly base: string;
    readonly tag: string;
    readonly ca: string;
    readonly labels: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const context = await makeTar([
    { path: "Dockerfile", mode: 0o644, content: dockerfile },
    { path: "ca.pem", mode: 0o644, content: image.ca },
  ]);
  const { tag, labels, base } = image;
  // With steps of its own: those of the cache go when another test removes its image
  const request = { tag, labels, buildArgs: { BASE: base }, context, noCache: true };
  await buildImage(engine, request, () => undefined);
  return tag;
}
