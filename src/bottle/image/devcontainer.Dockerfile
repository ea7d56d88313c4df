# What a bottle needs, on an image of any make: Claude Code and Node come from the default image, and the rest from the image's own packages.
ARG AGENT_IMAGE
ARG BASE_IMAGE
FROM ${AGENT_IMAGE} AS agent
FROM ${BASE_IMAGE}
USER root
SHELL ["/bin/sh", "-c"]
COPY --from=agent /usr/local/bin/node /opt/claude-bottle/bin/node
COPY --from=agent /usr/local/lib/node_modules /opt/claude-bottle/lib/node_modules
COPY layer /opt/claude-bottle/layer
ARG CLAUDE_VERSION
RUN CLAUDE_VERSION="${CLAUDE_VERSION}" /bin/sh /opt/claude-bottle/layer/layer.sh
ENV PATH=/opt/claude-bottle/first:${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}:/opt/claude-bottle/bin
WORKDIR /home/node/workspace
ENTRYPOINT []
CMD ["claude"]
