# The service as an image. docs/deploy.md says how to run it, and which folders it writes to.

# Debian, because Temporal's core is built for glibc alone.
ARG NODE_IMAGE=node:24-trixie-slim

# The build runs on the builder's own platform, also for an image of another one.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && chmod +x dist/src/main.js

# Packages that the service runs with, for the image's platform. Other platforms' native parts, sources, types and source maps go: two thirds.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages
ARG TARGETARCH
WORKDIR /app
COPY package.json package-lock.json ./
RUN case "$TARGETARCH" in \
      amd64) cpu=x64 core=x86_64 ;; \
      arm64) cpu=arm64 core=aarch64 ;; \
      *) echo "There is no Temporal core for $TARGETARCH. Build for linux/amd64 or linux/arm64." >&2; exit 1 ;; \
    esac \
 && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --os=linux --libc=glibc --cpu="$cpu" \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$core-unknown-linux-gnu" -exec rm -r {} + \
 && rm -r node_modules/@temporalio/core-bridge/sdk-core node_modules/@libsql/linux-*-musl \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Countersign" \
      org.opencontainers.image.description="Durable AI agents that wait for a human in Slack" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# Temporal's core takes the system's certificates. tini passes signals on, and buries the processes that MCP servers leave behind.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tini \
 && rm -rf /var/lib/apt/lists/* \
 && ln -s /app/dist/src/main.js /usr/local/bin/countersign \
 && install -d -o node -g node /srv/countersign/data
COPY package.json manifest.yml policy.example.yml LICENSE CHANGELOG.md UPGRADING.md /app/
COPY --from=packages /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist

# Metrics, once OTEL_EXPORTER_PROMETHEUS_PORT is set, must be reached from outside the container. The default is localhost.
ENV NODE_ENV=production \
    HEALTH_PORT=8080 \
    OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0
EXPOSE 3000 8080 9464
# The service reads .env, policy.yml and .mcp.json here, and keeps SQLite's file in data/.
WORKDIR /srv/countersign
# The user "node". Kubernetes can check only a number.
USER 1000:1000
ENTRYPOINT ["tini", "--", "node", "/app/dist/src/main.js"]
CMD ["start"]
