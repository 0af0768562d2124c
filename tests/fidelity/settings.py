"""What the scripts of this folder are asked for: which workload, recorded how, replayed in which settings."""
import itertools
import sys

from stage import build


def numbers(text):
    """1-3,7 as [1, 2, 3, 7]."""
    result = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        result += range(int(first), int(last or first) + 1)
    return result


def settings_of(arguments, help_text):
    """Every asked combination that this build can play: (setting, options of replay)."""
    orders = arguments.sync.split(",") if "--sync" in help_text else ["none"]
    maps = arguments.remap.split(",") if "--no-remap" in help_text else ["off"]
    for name, value, asked in (("--sync", orders, arguments.sync), ("--no-remap", maps, arguments.remap)):
        if name not in help_text:
            print(f"this build has no {name}: of {asked} only {','.join(value)} is played", file=sys.stderr)
    chosen = []
    for sync, remap, speed in itertools.product(orders, maps, arguments.speed.split(",")):
        options = ["--speed", speed]
        if "--sync" in help_text:
            options += ["--sync", sync]
        if "--no-remap" in help_text and remap == "off":
            options += ["--no-remap"]
        chosen.append(({"sync": sync, "remap": remap, "speed": speed}, options + arguments.replay_option))
    return chosen


def add_common(parser, sync="none,commit,strict", remap="on,off", speed="1,max"):
    parser.add_argument("--requests", default=250, type=int, help="of each session")
    parser.add_argument("--think-us", default=2000, type=int, help="pause of each session before a request")
    parser.add_argument("--sync", default=sync)
    parser.add_argument("--remap", default=remap)
    parser.add_argument("--speed", default=speed)
    parser.add_argument("--source", default="packets", choices=("packets", "proxy"))
    parser.add_argument("--capture-option", action="append", default=[], help="handed to capture, such as --results=full")
    parser.add_argument("--replay-option", action="append", default=[], help="handed to replay")
    parser.add_argument("--understudy", help="the program; build/release's unless given")
    parser.add_argument("--workload", help="hostile_workload; build/release's unless given")


def programs(arguments):
    """Paths of understudy and hostile_workload, built when they were not given."""
    if arguments.understudy and arguments.workload:
        return arguments.understudy, arguments.workload
    return build("understudy", "hostile_workload")
