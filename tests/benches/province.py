#!/usr/bin/env python3
"""A made-up province, and what a command costs on it.

    province.py make COUNT FOLDER       COUNT projects in departments of 500, all different, all free of errors
    province.py watch COMMAND…          runs a command; its own rate over time, memory and open files as JSON

Memory is what the kernel reports for the process (VmHWM: with the pages of fonts and program that it has mapped;
RssAnon: without them). Rates are projects per second of CPU time and of time by the clock, for each tenth of the
projects, as the progress lines of the command tell them (`--quiet` would hide them).
"""

import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "示例" / "戏曲惠民演出进乡村.yaml"
DEPARTMENT = 500


def make(count, folder):
    sample = SAMPLE.read_text(encoding="utf-8")
    for number in range(count):
        place = folder / f"部门{number // DEPARTMENT:04}"
        if number % DEPARTMENT == 0:
            place.mkdir(parents=True, exist_ok=True)
        name = f"戏曲惠民演出进乡村{number:07}"
        text = sample.replace("戏曲惠民演出进乡村", name)
        text = text.replace("025-86002468", f"025-{86000000 + number % 1000000}")
        (place / f"项目{number:07}.yaml").write_text(text, encoding="utf-8")


def status(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        cpu = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return {
            "peak": int(fields["VmHWM"].split()[0]) / 1024,
            "anonymous": int(fields["RssAnon"].split()[0]) / 1024,
            "files": len(os.listdir(f"/proc/{pid}/fd")),
            "cpu": (int(cpu[11]) + int(cpu[12])) / os.sysconf("SC_CLK_TCK"),
        }
    except (OSError, KeyError):
        return None


def watch(command):
    begun = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    samples, marks = [], []

    def listen():
        for line in process.stderr:
            told = re.match(r"已完成 (\d+)/(\d+)", line)
            if told and (now := status(process.pid)):
                marks.append((int(told[1]), int(told[2]), now["cpu"], time.monotonic() - begun))
            elif line.startswith(("完成", "已中断", "错误")):
                sys.stderr.write(line)

    listener = threading.Thread(target=listen)
    listener.start()
    while process.poll() is None:
        if now := status(process.pid):
            samples.append(now)
        time.sleep(0.2)
    listener.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    rates = []
    for tenth in range(10):
        inside = [mark for mark in marks if tenth * mark[1] <= 10 * mark[0] < (tenth + 1) * mark[1]]
        if len(inside) > 1:
            first, last = inside[0], inside[-1]
            done = last[0] - first[0]
            rates.append({"per_cpu_second": round(done / max(last[2] - first[2], 0.01), 1),
                          "per_second": round(done / (last[3] - first[3]), 1)})
    print(json.dumps({
        "status": process.returncode,
        "seconds": round(time.monotonic() - begun, 1),
        "user_seconds": round(used.ru_utime, 1),
        "system_seconds": round(used.ru_stime, 1),
        "peak_mb": round(max((one["peak"] for one in samples), default=0), 1),
        "anonymous_mb": round(max((one["anonymous"] for one in samples), default=0), 1),
        "open_files": max((one["files"] for one in samples), default=0),
        "rates": rates,
    }, ensure_ascii=False))
    return process.returncode


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(watch(sys.argv[2:]))
