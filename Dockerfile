# syntax=docker/dockerfile:1
# Tinct as a container: `docker build -t tinct .`, and with `--build-arg VARIANT=gpu` for NVIDIA GPUs.
#
# What each stage does stands in deploy/image, and tests/deploy runs those scripts in a clean folder. The
# last stage holds neither pip nor a compiler nor npm, runs as nobody, needs no network but its port, and
# writes to /data alone.
ARG VARIANT=cpu

FROM node:24.9.0-bookworm-slim AS app
WORKDIR /build
COPY deploy/image/fetch_deno.sh deploy/image/install_app.sh deploy/image/
RUN deploy/image/fetch_deno.sh /opt/bin
COPY deno.json deno.lock LICENSE ./
COPY models models
COPY protos protos
COPY src src
COPY workers workers
RUN deploy/image/install_app.sh /opt/bin/deno /build /opt/tinct

FROM python:3.11.14-slim-bookworm AS library
ARG VARIANT
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY --from=app /opt/bin /opt/bin
COPY deploy/image/fetch_library.sh /build/
COPY --from=app /opt/tinct /opt/tinct
RUN /build/fetch_library.sh /opt/bin/deno /opt/tinct /opt/tensorflow "$VARIANT"

FROM debian:12.12-slim
RUN groupadd --gid 65532 tinct && useradd --uid 65532 --gid 65532 --no-create-home --shell /usr/sbin/nologin tinct \
  && install -d -o tinct -g tinct /data
COPY --from=app /opt/bin/deno /usr/local/bin/deno
COPY --from=library /opt/tensorflow /opt/tensorflow
COPY --from=app /opt/tinct /opt/tinct
WORKDIR /opt/tinct
# Deno keeps what it compiles in DENO_DIR, where it can; a folder that is nowhere keeps the root as it is.
ENV TINCT_TENSORFLOW=/opt/tensorflow/tensorflow DENO_DIR=/nonexistent DENO_NO_UPDATE_CHECK=1 DENO_NO_PROMPT=1 \
  TINCT_PROBE=127.0.0.1:8081 CUDA_CACHE_PATH=/data/cuda-cache NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 65532:65532
VOLUME /data
# gRPC, and browsers and curl.
EXPOSE 50051 8051
STOPSIGNAL SIGTERM
# It asks TINCT_PROBE by plain HTTP, which the server answers there whatever its other address is.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=5s --retries=3 \
  CMD ["deno", "run", "-A", "--cached-only", "--no-check", "src/cli/main.ts", "health"]
# In this form the server itself is process 1, so that SIGTERM reaches it.
ENTRYPOINT ["deno", "run", "-A", "--cached-only", "--no-check", "src/cli/main.ts"]
# Without more it says what it needs to be reached: --tls-cert, --tls-key and --access, or the word --insecure.
CMD ["serve", "--data-dir", "/data", "--listen", "0.0.0.0:50051", "--web", "0.0.0.0:8051"]
