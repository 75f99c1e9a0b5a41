"""Speaks to a RouterOS API server with the client `routeros-api` and prints what it saw as JSON.

Arguments: host, port, user, password, login (plain or challenge).
"""

import json
import sys

import routeros_api
from routeros_api.exceptions import RouterOsApiError
from routeros_api.query import IsEqualQuery, OrQuery

host, port, user, password, login = sys.argv[1:]
LIST = "/ip/firewall/address-list"


def connect(password):
    pool = routeros_api.RouterOsApiPool(
        host, user, password, int(port), plaintext_login=login == "plain"
    )
    return pool, pool.get_api()


def text(row):
    """Bytes as text, one letter a byte. This client calls `.id` `id`."""
    names = {"id": ".id"}
    return {names.get(name, name): value.decode("latin-1") for name, value in row.items()}


def rows(menu, arguments=None, queries=None, extra=()):
    answer = api.get_binary_resource(menu).call(
        "print", arguments or {}, queries, additional_queries=extra
    )
    return [text(row) for row in answer]


def refusal(action):
    try:
        action()
    except RouterOsApiError as error:
        return getattr(error, "original_message", str(error).encode()).decode()
    return None


saw = {"wrong password": refusal(lambda: connect("wrong"))}
pool, api = connect(password)
menu = api.get_binary_resource(LIST)
saw["rows"] = rows(LIST)
saw["proplist"] = rows(LIST, {".proplist": b"comment"})
saw["equal"] = rows(LIST, {".proplist": b".id"}, {"list": b"blocked"})
either = OrQuery(IsEqualQuery("list", "vip"), IsEqualQuery("address", "10.0.0.1"))
saw["either"] = rows(LIST, {".proplist": b".id"}, None, (either,))
saw["count"] = menu.call("print", {"count-only": b""}).done_message["ret"].decode()
saw["nothing"] = rows("/ip/hotspot/user")
saw["id"] = menu.add(list=b"new", address=b"10.0.0.9/32", comment=b"caf\xe9").done_message["ret"].decode()
menu.set(**{".id": saw["id"].encode(), "disabled": b"yes"})
saw["added"] = rows(LIST, {".proplist": b"address,comment,disabled"}, {"list": b"new"})
saw["duplicate"] = refusal(lambda: menu.add(list=b"new", address=b"10.0.0.9"))
saw["gone"] = refusal(lambda: menu.remove(**{".id": b"*FF"}))
saw["bad path"] = refusal(lambda: rows("/ip/adress"))
saw["unknown"] = refusal(lambda: menu.add(list=b"x", address=b"10.0.0.8", colour=b"red"))
menu.remove(**{".id": b"*1,*2"})
saw["left"] = rows(LIST, {".proplist": b"address"})
pool.disconnect()
json.dump(saw, sys.stdout)
