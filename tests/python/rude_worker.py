"""Listens at a broker as two workers do, and answers as none should.

To each question it gives three hundred pieces of garbage, an answer to a question that nobody
asked, a list of strange tasks (`w2@x`) and an error (`w3@x`). Argument: the URL of the broker.
"""

import base64
import json
import sys

import redis

GARBAGE = ["", "{", "[]", "\xff", "[" * 5000, json.dumps({"headers": {"ticket": 3}}), "x" * 4096]


def main(url):
    broker = redis.Redis.from_url(url)
    channel = f"/{url.rsplit('/', 1)[1]}.celery.pidbox"
    listeners = [broker.pubsub(), broker.pubsub()]
    for listener in listeners:
        listener.psubscribe(channel)
        listener.get_message(timeout=5)
    print("listening", flush=True)
    for message in listeners[0].listen():
        if message["type"] == "pmessage":
            answer(broker, json.loads(message["data"]))


def answer(broker, envelope):
    question = json.loads(base64.b64decode(envelope["body"]))
    queue = f"{question['reply_to']['routing_key']}.reply.celery.pidbox"
    ticket = question["ticket"]
    for number in range(300):
        broker.lpush(queue, GARBAGE[number % len(GARBAGE)])
    broker.lpush(queue, reply("another", "w1@x", []))
    tasks = [[], 3, {"id": 7, "name": "\x1b[2Jtask", "time_start": "x", "args": ["a secret"]}]
    broker.lpush(queue, reply(ticket, "w2@x", tasks))
    broker.lpush(queue, reply(ticket, "w3@x", {"error": f"KeyError('{question['method']}')"}))


def reply(ticket, worker, said):
    body = base64.b64encode(json.dumps({worker: said}).encode()).decode()
    return json.dumps(
        {"body": body, "headers": {"ticket": ticket}, "properties": {"body_encoding": "base64"}}
    )


main(sys.argv[1])
