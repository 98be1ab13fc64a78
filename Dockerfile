# One image, both roles: `serve` (default), or `web` and `index` apart. Runs as nobody in particular, on a read-only
# root file system; only /data is written.
#
#   docker build --build-arg BASE=python:3.13-slim -t chartroom .
#   docker run --read-only --tmpfs /tmp -v chartroom-data:/data -p 127.0.0.1:8080:8080 chartroom

# A release names its bases by digest: --build-arg BASE=python:3.13-slim@sha256:… and the same for GO.
ARG BASE=python:3.13-slim
ARG GO=golang:1.26

FROM ${BASE} AS build
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/chartroom \
 && /opt/chartroom/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/run.lock
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/build.lock \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/node.lock
COPY . .
RUN /opt/build/bin/python catalog_web/assets/build \
 && /opt/build/bin/python -m catalog_web.translations.compile \
 && /opt/build/bin/python -m pip wheel --no-cache-dir --no-deps --no-build-isolation -w /wheels . \
 && /opt/chartroom/bin/python -m pip install --no-cache-dir --no-deps /wheels/*.whl \
 && /opt/chartroom/bin/python -m pip uninstall --yes pip \
 && /opt/build/bin/python config/pack_sample_repo.py config/sample-repo /sample-repo

# Renders charts for previews; without it the pages say what is missing.
FROM ${GO} AS helm
RUN CGO_ENABLED=0 GOBIN=/out go install helm.sh/helm/v4/cmd/helm@v4.3.1

FROM ${BASE}
COPY --from=helm /out/helm /usr/local/bin/helm
COPY --from=build /opt/chartroom /opt/chartroom
COPY --from=build /sample-repo /etc/.cache/sample-repo
COPY config/chartroom.yaml /etc/chartroom/chartroom.yaml
# The container's own address is never loopback, so people sign in: the log tells the first administrator's one-time key.
RUN sed -i 's/^sign_in: \[\]/sign_in: [local]/' /etc/chartroom/chartroom.yaml
RUN useradd --system --uid 10001 --no-create-home chartroom \
 && install -d -o chartroom -g chartroom /data
ENV PATH="/opt/chartroom/bin:$PATH" \
    MALLOC_ARENA_MAX=2 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CHARTROOM_CONFIG=/etc/chartroom/chartroom.yaml \
    CHARTROOM_DATA_DIR=/data \
    CHARTROOM_LISTEN=0.0.0.0:8080
USER 10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=3)"]
ENTRYPOINT ["chartroom"]
CMD ["serve"]
