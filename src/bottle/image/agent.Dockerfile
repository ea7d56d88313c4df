# The image that every bottle runs: Claude Code and the tools it expects, nothing of the user's. What changes seldom comes first: of an image
# with another Claude Code, only Claude Code's own layer is new.
ARG BASE_IMAGE=node:22-bookworm-slim
FROM ${BASE_IMAGE}

# openssh-client and socat also serve the sidecar, which runs from this image. openssh-server and rsync are for `claude-bottle ssh-stream`;
# the server's own keys would be the same in every bottle, and are not used. make, g++ and python3 are what npm packages with a native
# part are built with; gh comes where the base's Debian has it. Manuals, translations and documents stay out, as of Debian's slim images, and
# so does lto-dump, which shows what is in a compiler's files. No program gives rights to whoever starts it
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      -o Dpkg::Options::='--path-exclude=/usr/share/man/*' \
      -o Dpkg::Options::='--path-exclude=/usr/share/info/*' \
      -o Dpkg::Options::='--path-exclude=/usr/share/locale/*' \
      -o Dpkg::Options::='--path-exclude=/usr/share/doc/*' \
      -o Dpkg::Options::='--path-include=/usr/share/doc/*/copyright' \
      -o Dpkg::Options::='--path-exclude=/usr/bin/*lto-dump*' \
      ca-certificates curl git jq less netcat-openbsd openssh-client openssh-server openssl procps ripgrep rsync socat \
      g++ make nano ncurses-term python3 unzip $(apt-cache --names-only search '^gh$' | cut -d ' ' -f 1) \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +

# A working directory that does not exist would be made by the engine and belong to root. Where there is a group tty, the ssh server gives it
# each terminal, which under gVisor no user but root may do
RUN mkdir -p /home/node/workspace /home/node/.claude/skills /home/node/.ssh \
 && chown -R node:node /home/node \
 && chmod -R g=u /home/node \
 && chmod 770 /home/node/.ssh \
 && sed -i '/^tty:/d' /etc/group

# npm 12 skips install scripts and leaves a stub in place of claude; install.cjs puts the native binary there whatever the npm
ARG CLAUDE_VERSION
RUN npm install -g "@anthropic-ai/claude-code@${CLAUDE_VERSION}" \
 && node "$(npm root -g)/@anthropic-ai/claude-code/install.cjs" \
 && claude --version \
 && rm -rf /root/.npm /tmp/node-compile-cache

# With what a command in a bottle is begun without looking for it
LABEL claude-bottle.image.bash=/bin/bash
USER node
WORKDIR /home/node/workspace
CMD ["claude"]
