# syntax=docker/dockerfile:1
# One image for server and worker: the same packages as the tests ran on (constraints.txt), torch for the CPU.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/mho
WORKDIR /build
# First and by itself: it is nearly all of the image, and changes seldom. The index has builds without CUDA.
COPY constraints.txt ./
RUN /opt/mho/bin/pip install --constraint constraints.txt \
        --extra-index-url https://download.pytorch.org/whl/cpu "$(grep '^torch==' constraints.txt)+cpu"
COPY pyproject.toml README.md LICENSE ./
COPY hwcore hwcore
COPY worker worker
COPY app app
RUN /opt/mho/bin/pip install --constraint constraints.txt .

FROM python:${PYTHON}
# A number, so that Kubernetes can see that it is not root.
RUN useradd --uid 10001 --create-home --home-dir /var/lib/mho --shell /usr/sbin/nologin mho
COPY --from=build /opt/mho /opt/mho
# The root file system may be read-only: what is written goes to the home folder and to /tmp.
ENV PATH=/opt/mho/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MHO_HOME=/var/lib/mho MPLCONFIGDIR=/tmp/matplotlib
USER 10001:10001
WORKDIR /var/lib/mho
VOLUME /var/lib/mho
EXPOSE 8000
CMD ["mho", "server"]
