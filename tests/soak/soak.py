"""Many short jobs a second for a while through a daemon and its workers: memory and descriptors of
all of them stay flat, and nothing is lost.

    soak.py PROGRAM [--seconds N] [--rate N]

Prints what was measured, also the rate that was reached; exits 1, keeping the home, if something
grew or was lost.
"""

import argparse
import collections
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import verdict

POOLS = """<periodic><retention age="0" jobs="0"/><workers>
<pool topic="default" static="2" dynamic="0" slots="4" recycleJobs="4000"/>
</workers></periodic>
"""
CONFIG = '<config><concurrency>0</concurrency><overlap>allow</overlap></config>'
EVERY_SECOND = '"* * * * * *"'
ONE_IN = 10  # is a program, the others are commands of the worker's own process
# What an allocator may still take: a leak of 100 bytes a job is above it in the long form, one of a
# kilobyte in the short one.
GROWTH_BYTES = 2 << 20
# The daemon keeps so much of its database in memory, and takes that as the database grows; with
# what SQLite needs to know about each page.
CACHE_BYTES = 8 << 20
CACHE_OVERHEAD = 1.25
# A worker may just be running more programs at once.
GROWTH_DESCRIPTORS = 24


class Home:
    def __init__(self, program, rate):
        self.program = program
        self.path = tempfile.mkdtemp(prefix='periodic-soak-')
        self.ledger = os.path.join(self.path, 'ledger')
        os.mkdir(os.path.join(self.path, 'tasks'))
        self.write('periodic.xml', POOLS)
        self.write('tasks/said.xml',
                   f'<task>{CONFIG}<command type="log">one of many</command></task>')
        self.write('tasks/shell.xml',
                   f'<task>{CONFIG}<command type="shell">echo $PERIODIC_JOB_ID >> {self.ledger}'
                   '</command></task>')
        self.write('crontab', ''.join(
            f'{EVERY_SECOND} {"said" if n % ONE_IN else "shell"} n={n}\n' for n in range(rate)))

    def write(self, name, text):
        with open(os.path.join(self.path, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def command(self, *words):
        return [self.program, '-C', self.path, *words]

    def document(self, *words):
        done = subprocess.run(self.command('--output', 'json', *words), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, check=False)
        if not done.stdout:
            raise RuntimeError(f'{words}: exit {done.returncode}: {done.stderr}')
        return json.loads(done.stdout)

    def jobs(self):
        jobs, cursor = [], None
        while True:
            more = ['--after', str(cursor)] if cursor else []
            page = self.document('job', 'list', '--limit', '5000', *more)
            jobs += page['jobs']
            cursor = page['next_cursor']
            if not cursor:
                return jobs


class Sample:
    """What the daemon and its workers hold at one moment; of the workers the one with most."""

    def __init__(self, daemon, database):
        self.database = min(os.path.getsize(database), CACHE_BYTES) if os.path.exists(database) else 0
        self.memory = {'daemon': resident(daemon)}
        self.descriptors = {'daemon': open_files(daemon)}
        workers = children_of(daemon)
        self.workers = len(workers)
        self.memory['worker'] = max(map(resident, workers), default=0)
        self.descriptors['worker'] = max(map(open_files, workers), default=0)


def resident(pid):
    """Bytes of a process's own memory: files that it maps are the kernel's to keep or drop."""
    with contextlib.suppress(OSError):
        with open(f'/proc/{pid}/status', encoding='utf-8') as file:
            for line in file:
                if line.startswith('RssAnon:'):
                    return int(line.split()[1]) * 1024
    return 0


def open_files(pid):
    with contextlib.suppress(OSError):
        return len(os.listdir(f'/proc/{pid}/fd'))
    return 0


def children_of(pid):
    children = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{task}/children', encoding='ascii') as file:
                children += map(int, file.read().split())
    return children


def median(values):
    return sorted(values)[len(values) // 2]


def check_flat(samples):
    """The first quarter after the warm-up against the last one."""
    warm = samples[len(samples) * 3 // 10:]
    quarter = max(len(warm) // 4, 1)
    broken = []
    for name in ('daemon', 'worker'):
        before = median([sample.memory[name] for sample in warm[:quarter]])
        after = median([sample.memory[name] for sample in warm[-quarter:]])
        print(f'{name}: memory {before / 2**20:.1f} MiB, then {after / 2**20:.1f} MiB', end='; ')
        cached = warm[-1].database - warm[0].database if name == 'daemon' else 0
        if after - before > GROWTH_BYTES + CACHE_OVERHEAD * cached:
            broken.append(f'the memory of the {name} grew by {(after - before) / 2**20:.1f} MiB')
        before = median([sample.descriptors[name] for sample in warm[:quarter]])
        after = median([sample.descriptors[name] for sample in warm[-quarter:]])
        print(f'descriptors {before}, then {after}')
        if after - before > GROWTH_DESCRIPTORS:
            broken.append(f'the {name} had {before} descriptors and has {after}')
    return broken


def check_lost(home, jobs, rate):
    """Every second of every entry is in exactly one job, and each program said that it ran once."""
    broken = []
    seconds = collections.defaultdict(collections.Counter)
    for job in jobs:
        at = int(job['scheduled_epoch'])
        seconds[job['parameters']['n']].update(range(at - job['missed'], at + 1))
        if job['state'] != 'succeeded':
            broken.append(f'job {job["id"]} is {job["state"]} ({job["reason"]})')
    if len(seconds) != rate:
        broken.append(f'{rate - len(seconds)} entries have no job')
    for entry, counts in seconds.items():
        gaps = [at for at in range(min(counts), max(counts)) if counts[at] != 1]
        broken += [f'second {at} of entry {entry} has {counts[at]} jobs' for at in gaps]
    with open(home.ledger, encoding='ascii') as file:
        said = collections.Counter(map(int, file))
    ran = {job['id'] for job in jobs if job['task'] == 'shell'}
    broken += [f'job {id} wrote {said[id]} lines' for id in ran if said[id] != 1]
    return broken + [f'nobody knows job {id}' for id in said if id not in ran]


def drain(home, daemon):
    """Adds nothing more, and waits for what is there."""
    home.write('crontab', '')
    subprocess.run(home.command('-q', 'reload'), stdin=subprocess.DEVNULL, check=True)
    limit = time.monotonic() + 300
    while time.monotonic() < limit:
        if not home.document('job', 'list', '--state', 'queued,running', '--limit', '1')['jobs']:
            return []
        if daemon.poll() is not None:
            return [f'the daemon ended by itself: exit {daemon.returncode}']
        time.sleep(0.2)
    return ['the queue does not become empty']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--seconds', type=float, default=10)
    parser.add_argument('--rate', type=int, default=200)
    options = parser.parse_args()

    home = Home(os.path.abspath(options.program), options.rate)
    with open(os.path.join(home.path, 'daemon.log'), 'wb') as log:
        daemon = subprocess.Popen(home.command('--log-level', 'warning', 'daemon'),
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    samples = []
    begun = time.monotonic()
    try:
        while time.monotonic() - begun < options.seconds and daemon.poll() is None:
            time.sleep(min(0.25, options.seconds / 100))
            samples.append(Sample(daemon.pid, os.path.join(home.path, 'var/periodic.db')))
        queued = home.document('status')['pools'][0]['waiting']
        broken = drain(home, daemon)
    finally:
        daemon.terminate()
        code = daemon.wait(60)
    jobs = home.jobs()
    finished = [job['finished_epoch'] for job in jobs if job['finished_epoch']]
    lasted = max(finished) - min(job['scheduled_epoch'] for job in jobs)
    late = [job['started_epoch'] - job['scheduled_epoch'] for job in jobs if job['started_epoch']]
    reached = len(jobs) / lasted
    missed = sum(job['missed'] for job in jobs)
    print(f'{len(jobs)} jobs in {lasted:.1f} s, {reached:.0f} a second of {options.rate} wanted '
          f'({"held" if reached >= 0.95 * options.rate and missed == 0 else "NOT HELD"}; '
          f'{queued} waited at the end, {missed} missed); started {median(late) * 1000:.0f} ms '
          f'after their instant in the median, {max(late) * 1000:.0f} ms at most; '
          f'{samples[-1].workers} workers')
    broken += check_flat(samples) + check_lost(home, jobs, options.rate)
    if code != 0:
        broken.append(f'the daemon ended with exit {code}')
    return verdict.end(broken, home.path)


if __name__ == '__main__':
    sys.exit(main())
