"""The Celery worker, and `worker.contract`: what server and worker agree on."""
