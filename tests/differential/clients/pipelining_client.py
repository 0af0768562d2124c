"""Sends batches of requests before it reads an answer, for a time; each asks for as many rows as it says.

    pipelining_client.py SECONDS SEED
"""
import random
import sys
import time

from raw_client import SYNC, Raw, bind, execute, parse


def main():
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    chance, raw = random.Random(seed), Raw()
    raw.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        syncs, batch = 0, []
        for _ in range(chance.randint(1, 12)):
            batch += [parse("", f"select * from generate_series(1, {chance.randint(0, 60)})"), bind("", ""), execute("")]
            if chance.random() < 0.4:
                batch.append(SYNC)
                syncs += 1
        raw.send(*batch, SYNC)
        for _ in range(syncs + 1):
            raw.until("Z")


main()
