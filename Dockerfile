# docker build -t tikbook .
# docker run --rm tikbook --site demo run audit
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin tikbook

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 tikbook
COPY --from=build /build/target/release/tikbook /usr/local/bin/tikbook
COPY LICENSE-MIT LICENSE-APACHE NOTICE /usr/share/doc/tikbook/
USER tikbook
WORKDIR /home/tikbook
ENTRYPOINT ["tikbook"]
