#!/usr/bin/env python3
"""Runs the scripts of docs/deploy on a cluster: an array over all data, of which one task is killed and requeued.

    slurm_array.py FOLDER SCRIPTS        (inside slurm_cluster.py; FOLDER has data/, output/ is made)

Prints what happened as JSON: how many projects the killed task had done, how many it did again, and the exit codes.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

SHARDS = 8
KILLED = 3


def run(*command):
    told = subprocess.run(command, capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(f"{command}: {told.stdout}{told.stderr}")
    return told.stdout.strip()


def states(job):
    lines = run("squeue", "--noheader", "--array", "--states=all", "--format=%K %T", f"--job={job}").splitlines()
    return dict(line.split() for line in lines)


def wait_for(condition, what, seconds=240):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.03)
    raise SystemExit(f"waited in vain for {what}")


def journal_lines(output, shard):
    path = output / f".manifest.shard-{shard}-of-{SHARDS}.journal"
    try:
        return path.read_bytes().count(b'"settled":true')
    except FileNotFoundError:
        return 0


def process_of(shard):
    """The program itself, found among the processes by what it was told."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "environ").read_bytes().split(b"\0")
            name = (place / "comm").read_text().strip()
        except OSError:
            continue
        ours = f"SLURM_CONF={os.environ['SLURM_CONF']}".encode() in told
        if ours and name.startswith("jixiao") and f"SLURM_ARRAY_TASK_ID={shard}".encode() in told:
            return int(place.name)
    return None


def exit_code(job):
    told = run("scontrol", "show", "job", job)
    return [int(code) for code in re.findall(r"ExitCode=(\d+):", told)]


def main():
    folder, scripts = Path(sys.argv[1]), Path(sys.argv[2])
    os.chdir(folder)
    output = folder / "output"
    job = run("sbatch", "--parsable", f"--array=0-{SHARDS - 1}", str(scripts / "slurm-render.sh"))
    wait_for(lambda: journal_lines(output, KILLED) >= 20, "the task to be at work")
    os.kill(wait_for(lambda: process_of(KILLED), "the task's process"), signal.SIGKILL)
    wait_for(lambda: states(job).get(str(KILLED)) == "FAILED", "the task to have failed")
    before = journal_lines(output, KILLED)
    # Too early a merge names the shard that is missing, and changes nothing.
    early = subprocess.run([os.environ["JIXIAO"], "merge", "output", "data"], capture_output=True, text=True)
    run("scontrol", "requeue", f"{job}_{KILLED}")
    ended = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"}
    done = wait_for(
        lambda: (told := states(job)) and len(told) == SHARDS and set(told.values()) <= ended and told, "all tasks")
    log = (folder / f"jixiao-render-{job}_{KILLED}.log").read_text()
    counts = re.findall(r"渲染 (\d+)，未变 (\d+)", log)
    merge = run("sbatch", "--parsable", "--wait", str(scripts / "slurm-merge.sh"))
    print(json.dumps({
        "states": sorted(set(done.values())),
        "done_before_kill": before,
        "rendered_after": int(counts[-1][0]),
        "unchanged_after": int(counts[-1][1]),
        "shares_told": log.count(f"分片 {KILLED}/{SHARDS}\n"),
        "early_merge": [early.returncode, early.stderr],
        "merge": exit_code(merge),
        "merge_log": (folder / f"jixiao-merge-{merge}.log").read_text(),
    }, ensure_ascii=False))


if __name__ == "__main__":
    main()
