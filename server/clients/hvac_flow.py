"""hvac_flow.py ACTIVE STANDBY: the ordinary flow of hvac, from nothing to a step-down."""
import sys
import time

import hvac

active, standby = sys.argv[1:3]


def until(what, condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "not within 20 s: " + what
        time.sleep(0.02)


def flow(client):
    assert client.is_authenticated()
    assert not client.sys.is_sealed()
    assert "secret/" in client.sys.list_mounted_secrets_engines()["data"]
    kv = client.secrets.kv.v1
    kv.create_or_update_secret("python/a", secret={"k": "v", "n": 3}, mount_point="secret", method="PUT")
    assert kv.read_secret("python/a", mount_point="secret")["data"] == {"k": "v", "n": 3}
    assert kv.list_secrets("python", mount_point="secret")["data"]["keys"] == ["a"]
    kv.delete_secret("python/a", mount_point="secret")
    try:
        kv.read_secret("python/a", mount_point="secret")
        raise AssertionError("what was deleted is there")
    except hvac.exceptions.InvalidPath:
        pass


first = hvac.Client(url=active)
assert not first.sys.is_initialized()
made = first.sys.initialize(secret_shares=1, secret_threshold=1)
token, key = made["root_token"], made["keys"][0]
assert not first.sys.submit_unseal_key(key)["sealed"]
until("it is active", lambda: first.sys.read_leader_status()["is_self"])
second = hvac.Client(url=standby, token=token)
second.sys.submit_unseal_key(key)
until("the standby knows it", lambda: second.sys.read_leader_status()["leader_address"] == active)
assert first.sys.read_health_status(method="HEAD").status_code == 200
assert second.sys.read_health_status(method="HEAD").status_code in (429, 473)
first.token = token
flow(first)
print("at the active: fine")
flow(second)
print("at the standby: fine")
second.sys.step_down()
until("the standby is active", lambda: second.sys.read_leader_status()["is_self"])
first.secrets.kv.v1.create_or_update_secret("python/b", secret={"k": "w"}, mount_point="secret", method="PUT")
print("step-down: fine")
