"""The Celery worker with trainings that stop at their offers until they are continued (`signalled`)."""

from __future__ import annotations

from functools import partial

from tests.worker.signalled import STANDING
from worker import celery_app
from worker.babysit.sitters.babysitter import Babysitter

app = celery_app.app

celery_app.Babysitter = partial(Babysitter, attempt_command=STANDING)  # type: ignore[misc, assignment]
