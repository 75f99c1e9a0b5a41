"""The portal's Celery tasks as far as the tests need them: names, keys in Redis, lines in the log.

`worker NAME PROCESSES` and `beat` run them as `celery worker` and `celery beat` do, without what
Celery's own command line takes half a second to load. `send` sends a task and prints its id: name
of the task, its arguments and the options of `send_task`, both as JSON.

Environment: `CELERY_BROKER_URL`, `CELERY_RESULT_BACKEND`, `REDIS_URL` (what the portal itself
keeps), `BEAT` (entries of the schedule as JSON: {entry: [task, seconds]}), `SYNC_SECONDS` (how long
a run of the usage sync takes), `QUOTA_SYNC_INTERVAL_SECONDS`, `ENABLE_MIKROTIK_OPERATIONS`,
`APP_TIMEZONE`, `ROUTER` (`up`, `down`, or `breaker-open`).
"""

import datetime
import json
import logging
import os
import sys
import time
import zoneinfo

import redis
from celery import Celery

LAST_RUN = "quota_sync:last_run_ts"
RUN_LOCK = "quota_sync:run_lock"
RUN_LOCK_SECONDS = 3600
SHORTEST_INTERVAL = 30

app = Celery(
    "portal",
    broker=os.environ["CELERY_BROKER_URL"],
    backend=os.environ["CELERY_RESULT_BACKEND"],
)
app.conf.update(
    broker_connection_retry_on_startup=True,
    beat_max_loop_interval=1,
    beat_schedule={
        entry: {"task": task, "schedule": seconds}
        for entry, (task, seconds) in json.loads(os.environ.get("BEAT", "{}")).items()
    },
)
portal = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
time_zone = zoneinfo.ZoneInfo(os.environ.get("APP_TIMEZONE", "Asia/Makassar"))


class PortalFormatter(logging.Formatter):
    """The portal's lines begin with its local time."""

    def formatTime(self, record, datefmt=None):
        at = datetime.datetime.fromtimestamp(record.created, time_zone)
        return at.strftime("%d-%m-%Y %H:%M:%S")


def portal_logger():
    handler = logging.StreamHandler()
    handler.setFormatter(
        PortalFormatter("%(asctime)s %(levelname)-8s [%(name)s] %(message)s")
    )
    logger = logging.getLogger("app.tasks")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


log = portal_logger()


@app.task(name="sync_hotspot_usage_task", bind=True)
def sync_hotspot_usage(self):
    if os.environ.get("ENABLE_MIKROTIK_OPERATIONS", "True") != "True":
        return
    interval = int(os.environ.get("QUOTA_SYNC_INTERVAL_SECONDS", "300"))
    last_run = int(portal.get(LAST_RUN) or 0)
    if time.time() - last_run < max(interval, SHORTEST_INTERVAL):
        log.info("Celery Task: Skip sinkronisasi (menunggu interval dinamis).")
        return
    if not portal.set(RUN_LOCK, self.request.id, nx=True, ex=RUN_LOCK_SECONDS):
        log.info("Celery Task: Skip sinkronisasi (worker lain sedang berjalan).")
        return
    try:
        log.info("Celery Task: Memulai sinkronisasi kuota dan profil hotspot.")
        time.sleep(float(os.environ.get("SYNC_SECONDS", "0")))
        log.info("Celery Task: Sinkronisasi selesai. Result: %s", counters())
        portal.set(LAST_RUN, int(time.time()))
    finally:
        portal.delete(RUN_LOCK)


def counters():
    """What a run counts: without the router every user has failed, and that is no exception."""
    router = os.environ.get("ROUTER", "up")
    if router == "breaker-open":
        log.warning("Mikrotik circuit breaker open. Skipping connection.")
    if router != "up":
        log.error("Gagal mendapatkan koneksi MikroTik untuk sinkronisasi kuota.")
    return {
        "processed": 3 if router == "up" else 0,
        "updated_usage": 0,
        "profile_updates": 0,
        "binding_self_healed": 0,
        "dhcp_self_healed": 0,
        "failed": 0 if router == "up" else 3,
    }


@app.task(name="dlq_health_monitor_task")
def monitor_dead_letters():
    return portal.llen("celery:dlq")


@app.task(name="policy_parity_guard_task")
def sleep(seconds):
    """Stands in for a task that takes its time."""
    log.info("Celery Task: Menjalankan policy parity guard.")
    time.sleep(seconds)


@app.task(name="send_whatsapp_invoice_task", bind=True)
def fail(self, *args):
    """Fails and leaves a dead letter, as the portal's tasks do after their last retry."""
    letter = {
        "task": self.name,
        "payload": {"args": list(args)},
        "error": "the message was refused",
        "created_at": datetime.datetime.now(datetime.timezone.utc).isoformat(),
    }
    portal.rpush("celery:dlq", json.dumps(letter))
    raise ValueError("the message was refused")


def worker(name, processes):
    started = app.Worker(
        hostname=name,
        concurrency=int(processes),
        queues=["celery"],
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
    )
    started.start()
    sys.exit(started.exitcode)


def beat():
    app.Beat(loglevel="INFO").run()


def send(task, arguments, options):
    print(app.send_task(task, json.loads(arguments), **json.loads(options)).id)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"worker": worker, "beat": beat, "send": send}[command](*arguments)
