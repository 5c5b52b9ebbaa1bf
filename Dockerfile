FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LADDER_MODE=production \
    LADDER_VAR_DIR=/tmp/ladder \
    LADDER_FILES_DIR=/data \
    WEB_CONCURRENCY=2

WORKDIR /app

# Before the code, so that a change of code installs nothing.
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --compile --require-hashes -r requirements.txt

COPY . ./
# Nothing of these values stays in the image: they only let the settings load.
RUN LADDER_SECRET_KEY=only-to-collect-the-static-files LADDER_ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgres://localhost/nothing REDIS_URL=redis://localhost EMAIL_URL=smtp://localhost \
    python manage.py collectstatic --noinput \
    && python -m compileall -q . \
    && rm -rf /tmp/ladder \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin ladder \
    && install --directory --owner=ladder --mode=0700 /data

USER 10001
EXPOSE 8000

# WEB_CONCURRENCY is the number of processes. Requests are logged by the application, with an id each.
CMD ["gunicorn", "ladder.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", \
     "--max-requests", "10000", "--max-requests-jitter", "1000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
