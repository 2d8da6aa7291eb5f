# One image for web, worker, beat and migrations; docker-compose.yml says which it is.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN groupadd --system --gid 10001 dscr \
    && useradd --system --uid 10001 --gid dscr --home-dir /app --no-create-home dscr \
    # Volumes take these folders' owner when they are first used.
    && install --directory --owner dscr --group dscr /var/lib/dscr /var/lib/dscr/private
COPY requirements/main.txt requirements/main.txt
RUN pip install --require-hashes --requirement requirements/main.txt
COPY . .
COPY --from=packages /app/node_modules node_modules
# Settings refuse to start without secrets; these live for one command and reach nothing.
RUN SECRET_KEY=throwaway METRICS_TOKEN=throwaway DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput --ignore scss --ignore theme \
    && rm -r node_modules

USER dscr
EXPOSE 8000
# The probe comes from inside and by plain HTTP, under a name that ALLOWED_HOSTS knows.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "\
import os, urllib.request as http; \
host = os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.*') or 'localhost'; \
http.urlopen(http.Request('http://127.0.0.1:8000/health/', headers={'Host': host}), timeout=4)"]
# /dev/shm: a heartbeat file on a slow disk would block the workers.
CMD ["gunicorn", "dscr.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
