"""A service with a shop to rehearse: recorded on one server, with a marked target on another."""
import contextlib
import os
import sys

from host import HERE, Host, lab

sys.path.insert(0, os.path.join(HERE, "..", "fidelity"))
from stage import ORIGIN, stage  # noqa: E402

REHEARSE = os.path.join(HERE, "..", "rehearse")
SECONDS = 4
TARGET = "staging_shop"
UP = "alter table customers drop column note;"
DOWN = "alter table customers add column note text;"
QUICK = ("no-held", "no-traffic", "no-rollback")


def traffic(conninfo):
    """Four clients with prepared statements."""
    return ["pgbench", "-n", "-M", "prepared", "-T", str(SECONDS), "-c", "4", "-j", "1", "-D", "pause=20", "-f",
            f"{REHEARSE}/shop.pgbench", conninfo]


class Shop:
    def __init__(self, scene):
        self.scene = scene
        scene.load(script=os.path.join(REHEARSE, "schema.sql"))
        self.recording = scene.record("shop", traffic, source="proxy")
        scene.staging.sql(f"create database {TARGET} template {ORIGIN}")
        scene.understudy.must("target", "--mark", scene.conninfo(TARGET))
        self.databases_before = self.databases()

    def databases(self):
        return set(self.scene.staging.sql("select datname from pg_database").split())

    def config(self, *flags):
        """An understudy.yaml; paths are from where it lies."""
        for name, text in (("up.sql", UP), ("down.sql", DOWN)):
            with open(os.path.join(self.scene.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return (f"rehearse:\n  capture: {self.recording.path}\n  target: {self.scene.conninfo(TARGET)}\n"
                f"  migration: {self.scene.folder}/up.sql\n  rollback: {self.scene.folder}/down.sql\n  traffic-time: 3s\n" +
                "".join(f"  {flag}: true\n" for flag in flags))


@contextlib.contextmanager
def shop_service(understudy, rehearsals, prepare=None, extra="  grace: 20s\n"):
    """(shop, service). `rehearsals`: names to the flags of their configuration."""
    lab.need_programs("pgbench", "psql", "pg_dump")
    with stage(understudy) as scene:
        shop = Shop(scene)
        folder = os.path.join(scene.folder, "service")
        os.makedirs(folder)
        service = Host(os.path.abspath(understudy), folder, {name: shop.config(*flags) for name, flags in rehearsals.items()},
                       extra)
        if prepare:
            prepare(service)
        service.start()
        try:
            yield shop, service
        finally:
            if service.process.poll() is None:
                service.process.kill()
                service.process.wait()
