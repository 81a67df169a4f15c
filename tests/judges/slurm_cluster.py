#!/usr/bin/env python3
"""Runs a command beside a Slurm cluster of one node that lives only as long as the command.

    slurm_cluster.py COMMAND…

State, spool, logs and ports are the cluster's own, so that it disturbs no other one on the machine. It needs root,
because slurmd does, and takes it with sudo when it has to. The command finds the cluster through SLURM_CONF; its exit
code is ours. The daemons are ended however the command ends, and files in the current folder belong to the caller again.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SLOTS = 8

CONFIGURATION = """\
ClusterName=jixiao
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
KillWait=2
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs={slots} RealMemory=16384 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start(folder):
    for name in ("state", "spool"):
        (folder / name).mkdir()
    controller, node = free_ports(2)
    host = socket.gethostname().split(".")[0]
    configuration = folder / "slurm.conf"
    configuration.write_text(CONFIGURATION.format(
        host=host, controller=controller, node=node, folder=folder, slots=SLOTS))
    os.environ["SLURM_CONF"] = str(configuration)
    daemons = []
    for program in ("slurmctld", "slurmd"):
        # In a session of their own, so that a signal to us ends them through us.
        daemons.append(subprocess.Popen(
            [program, "-D", "-f", str(configuration)], start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return daemons


def await_node(folder, daemons):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        told = subprocess.run(["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True)
        if told.returncode == 0 and "idle" in told.stdout:
            return
        if any(daemon.poll() is not None for daemon in daemons):
            break
        time.sleep(0.2)
    for log in sorted(folder.glob("*.log")):
        sys.stderr.write(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}\n")
    raise SystemExit("the cluster did not come up")


def stop(daemons):
    subprocess.run(["scancel", "--full", "--state=RUNNING"], capture_output=True)
    subprocess.run(["scancel", "--state=PENDING"], capture_output=True)
    for daemon in reversed(daemons):
        daemon.terminate()
    for daemon in daemons:
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def main():
    if os.geteuid() != 0:
        keep = "--preserve-env=JIXIAO,JIXIAO_DATA,JIXIAO_OUTPUT,JIXIAO_FORMAT,JIXIAO_MERGE_OPTIONS,HOME,PATH"
        os.execvp("sudo", ["sudo", "-n", keep, sys.executable, *sys.argv])
    os.environ["PATH"] += ":/usr/sbin"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="jixiao-slurm-") as name:
        folder = Path(name)
        daemons = start(folder)
        try:
            await_node(folder, daemons)
            return subprocess.run(sys.argv[1:]).returncode
        finally:
            stop(daemons)
            if "SUDO_UID" in os.environ:
                owner = f"{os.environ['SUDO_UID']}:{os.environ['SUDO_GID']}"
                subprocess.run(["chown", "--recursive", owner, "."])


if __name__ == "__main__":
    sys.exit(main())
