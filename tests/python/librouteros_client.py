"""Speaks to a RouterOS API server with the client `librouteros` and prints what it saw as JSON.

Arguments: host, port, user, password, login (plain or challenge).
"""

import json
import sys

import librouteros
from librouteros import login as logins
from librouteros.exceptions import LibRouterosError
from librouteros.query import Key, Or

host, port, user, password, login = sys.argv[1:]
LIST = "/ip/firewall/address-list"


def connect(password):
    return librouteros.connect(
        host=host,
        port=int(port),
        username=user,
        password=password,
        login_method=logins.plain if login == "plain" else logins.token,
        # One letter a byte.
        encoding="latin-1",
    )


def text(row):
    """Values as the router wrote them: this client makes booleans and numbers of them."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in row.items()}


def rows(answer):
    return [text(row) for row in answer]


def refusal(action):
    try:
        action()
    except LibRouterosError as error:
        return str(error)
    return None


saw = {"wrong password": refusal(lambda: connect("wrong"))}
api = connect(password)
menu = api.path(LIST)
saw["rows"] = rows(menu)
saw["proplist"] = rows(menu.select(Key("comment")))
saw["equal"] = rows(menu.select(Key(".id")).where(Key("list") == "blocked"))
saw["either"] = rows(menu.select(Key(".id")).where(Or(Key("list") == "vip", Key("address") == "10.0.0.1")))
saw["count"] = rows(menu("print", **{"count-only": ""}))[0]["ret"]
saw["nothing"] = rows(api.path("/ip/hotspot/user"))
saw["id"] = menu.add(list="new", address="10.0.0.9/32", comment="caf\xe9")
menu.update(**{".id": saw["id"], "disabled": "yes"})
saw["added"] = rows(
    menu.select(Key("address"), Key("comment"), Key("disabled")).where(Key("list") == "new")
)
saw["duplicate"] = refusal(lambda: menu.add(list="new", address="10.0.0.9"))
saw["gone"] = refusal(lambda: menu.remove("*FF"))
saw["bad path"] = refusal(lambda: rows(api.path("/ip/adress")))
saw["unknown"] = refusal(lambda: menu.add(list="x", address="10.0.0.8", colour="red"))
menu.remove("*1", "*2")
saw["left"] = rows(menu.select(Key("address")))
api.close()
json.dump(saw, sys.stdout)
