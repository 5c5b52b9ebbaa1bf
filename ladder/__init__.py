"""The shell: settings, URLs, middleware, worker. It knows no app but by name."""

from ladder.celery import app as celery_app

__all__ = ["celery_app"]
