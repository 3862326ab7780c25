# Regente in a container, some 190 MB: docs/install.md tells how to build and run it.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund && npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-alpine AS node

FROM alpine:3.22
RUN apk add --no-cache libstdc++ && adduser -D -H -u 10001 regente && install -d -o regente -g regente -m 0700 /data
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/package.json /build/LICENSE /build/NOTICE /app/
COPY --from=build /build/docs /app/docs
COPY --from=build /build/examples /app/examples
COPY --from=build /build/packaging /app/packaging
COPY --from=build /build/bin /app/bin
COPY --from=build /build/dist /app/dist
# Within a container 127.0.0.1 is reached by nobody: who may reach the port is said where it is published.
ENV REGENTE_HOST=0.0.0.0 REGENTE_INSECURE=true REGENTE_DATA=/data
USER regente
WORKDIR /data
VOLUME /data
EXPOSE 4566
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD wget -q -O /dev/null "http://127.0.0.1:${REGENTE_PORT:-4566}/_regente/health"
ENTRYPOINT ["node", "/app/bin/regente.js"]
CMD ["start"]
