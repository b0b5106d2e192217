"""Jobs under fire: processes add, run, stop, kill, retry, edit, pause and prune jobs, while others
are killed with SIGKILL at random. In the end the five promises are checked against a ledger that
the tasks themselves wrote, with O_APPEND, outside of the store.

    chaos.py PROGRAM [--seconds N] [--seed N] [--actors N]

Prints its seed and counts; exits 1, keeping the home, if a promise was broken.
"""

import argparse
import collections
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import verdict

# Each task says when it begins and ends; one of a group holds a lock that the kernel frees with its
# processes, so that an overlap can't hide. What `run TASK` runs has no group, and may overlap.
BEGIN = 'echo "B $PERIODIC_JOB_ID $$" >> {ledger}'
END = 'echo "E $PERIODIC_JOB_ID $$" >> {ledger}'
GUARD = ('exec 9>> {home}/guard-{name}; '
         '[ -z {name} ] || flock -n 9 || echo "OVERLAP $PERIODIC_JOB_ID "{name} >> {ledger}')

TASKS = {
    'quick': ('', '', 'true'),
    'slow': ('', '', 'sleep 0.4'),
    'guarded': ('<concurrency>0</concurrency>', 'group', 'sleep 0.15'),
    'single': ('<concurrency>1</concurrency>', 'task', 'sleep 0.1'),
    'stubborn': ('<killAfter>1</killAfter>', '', "trap '' TERM; sleep 0.5; sleep 0.5"),
    'leaving': ('', '', '(setsid sleep 30 &) ; sleep 0.1'),
    'failing': ('<retries max="2" delay="1s" jitter="0"/>', '', 'sleep 0.05; exit 3'),
    'safe': ('<onLost>retry</onLost>', '', 'sleep 0.3'),
    'tick': ('<overlap>skip</overlap><retention age="0" jobs="0"/>', '', 'sleep 0.2'),
}
BY_HAND = [name for name in TASKS if name != 'tick']


class Home:
    def __init__(self, program):
        self.program = program
        self.path = tempfile.mkdtemp(prefix='periodic-chaos-')
        self.ledger = os.path.join(self.path, 'ledger')
        os.mkdir(os.path.join(self.path, 'tasks'))
        for name, (config, guard, work) in TASKS.items():
            parts = [BEGIN]
            if guard:
                parts.append(GUARD)
            text = '\n'.join(parts + [work, END]).format(
                ledger=self.ledger, home=self.path,
                name='"$PERIODIC_GROUP"' if guard == 'group' else name)
            text = text.replace('&', '&amp;').replace('<', '&lt;')
            self.write(f'tasks/{name}.xml',
                       f'<task><config>{config}</config>\n'
                       f'<command type="shell">{text}</command></task>\n')
        self.write('crontab', '"* * * * * *" ticking:tick\n')

    def write(self, name, text):
        with open(os.path.join(self.path, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def command(self, *words):
        return [self.program, '-C', self.path, *words]

    def call(self, *words, timeout=60):
        """Runs to the end; answers exit code, standard output and standard error."""
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout, check=False)
        return done.returncode, done.stdout, done.stderr

    def document(self, *words):
        code, out, err = self.call('--output', 'json', *words)
        if not out:
            raise RuntimeError(f'{words}: exit {code}: {err}')
        return json.loads(out)

    def jobs(self):
        jobs, cursor = [], None
        while True:
            more = ['--after', str(cursor)] if cursor else []
            page = self.document('job', 'list', '--limit', '1000', *more)
            jobs += page['jobs']
            cursor = page['next_cursor']
            if not cursor:
                return {job['id']: job for job in jobs}


class Actor(threading.Thread):
    """Does one thing after the other; a part of its processes is killed before they end."""

    def __init__(self, home, seed, until):
        super().__init__()
        self.home, self.random, self.until = home, random.Random(seed), until
        self.accepted = {}  # id: task
        self.added = {}  # task: when it was added last
        self.deleted = set()
        self.counts = collections.Counter()
        self.errors = []

    def run(self):
        actions = ([self.add] * 8 + [self.run_due] * 4 + [self.stop, self.kill, self.retry] * 2 +
                   [self.edit, self.delete, self.prune, self.pause, self.run_one, self.step])
        while time.monotonic() < self.until:
            try:
                self.random.choice(actions)()
            except Exception as error:  # a bug of the test: said in the end, as a failure
                self.errors.append(repr(error))
                return

    def process(self, *words, kill=0.25, longest=0.6):
        """Runs a command, perhaps killing it; answers its exit code (None: killed) and output."""
        doomed = self.random.random() < kill
        process = subprocess.Popen(self.home.command(*words), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if doomed:
            try:
                process.communicate(timeout=self.random.uniform(0, longest))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                self.counts['killed'] += 1
                out, _ = process.communicate()
                return None, out
        out, err = process.communicate(timeout=120)
        if process.returncode not in (0, 1):
            self.errors.append(f'{words}: exit {process.returncode}: {err}')
        return process.returncode, out

    def task_to_add(self):
        """One at a time, and slow: not more of these than can be done in the time."""
        task = self.random.choice(BY_HAND)
        if task not in ('slow', 'stubborn', 'leaving'):
            return task
        if time.monotonic() < self.added.get(task, 0) + 6:
            return 'quick'
        self.added[task] = time.monotonic()
        return task

    def add(self):
        task = self.task_to_add()
        words = ['job', 'add', task, f'n={self.random.randrange(1000)}']
        if task == 'guarded' or self.random.random() < 0.1:
            words += ['--group', self.random.choice('abc')]
        if self.random.random() < 0.1:
            words += ['--key', self.random.choice('xy')]
        if self.random.random() < 0.1:
            words += ['--idle']
        if self.random.random() < 0.2:
            words += ['--priority', str(self.random.randrange(-3, 4))]
        _, out = self.process(*words, kill=0.1, longest=0.03)
        if out.strip().isdigit():
            self.accepted[int(out)] = task

    def run_due(self):
        self.process('run', '--budget', '1s', kill=0.6, longest=1.5)
        self.counts['runs'] += 1

    def run_one(self):
        self.process('-q', 'run', self.random.choice(BY_HAND), kill=0.5)

    def step(self):
        self.process('job', 'auto', '--execute', '2', kill=0.5)

    def some_id(self):
        return str(self.random.choice(sorted(self.accepted) or [1]))

    def stop(self):
        self.process('job', 'stop', self.some_id())
        self.process('job', 'stop', '--state', 'running', '--task', self.random.choice(BY_HAND))

    def kill(self):
        self.process('job', 'kill', '--state', 'running', '--task', self.random.choice(BY_HAND))

    def retry(self):
        self.process('job', 'retry', '--state', self.random.choice(['failed', 'stopped']),
                     '--task', self.random.choice(BY_HAND))
        self.process('job', 'start', '--state', 'idle')

    def edit(self):
        self.process('job', 'edit', self.some_id(), '--set', 'n=7', '--comment', 'edited')

    def delete(self):
        """One job whose fate is then known: only an answer says that it is gone."""
        wanted = int(self.some_id())
        # From here on nobody may rely on its being there.
        self.deleted.add(wanted)
        self.process('job', 'delete', str(wanted))

    def prune(self):
        self.process('prune')

    def pause(self):
        task = self.random.choice(BY_HAND)
        self.process('pause', '--task', task, kill=0.1)
        time.sleep(self.random.uniform(0, 0.2))
        self.process('resume', '--task', task, kill=0)


def settle(home):
    """Resumes and runs until nothing is left to run."""
    for name in TASKS:
        home.call('resume', '--task', name)
    home.write('crontab', '')
    home.call('job', 'start', '--state', 'idle')
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        home.call('run', timeout=120)
        waiting = home.document('job', 'list', '--state', 'queued,running,idle')['jobs']
        if not waiting:
            return []
        time.sleep(0.2)
    return [f'job {job["id"]} ({job["task"]}) is {job["state"]} and never ends' for job in waiting]


def read_ledger(home):
    begun, overlaps = collections.Counter(), []
    with open(home.ledger, encoding='utf-8') as file:
        for line in file:
            words = line.split()
            if words[0] == 'B':
                begun[int(words[1])] += 1
            elif words[0] == 'OVERLAP':
                overlaps.append(line.strip())
    return begun, overlaps


def check_kept(jobs, accepted, deleted):
    """Kept: who was accepted is there and final, unless somebody asked to delete it."""
    broken = [f'job {id} ({task}) was accepted and is lost' for id, task in accepted.items()
              if id not in jobs and id not in deleted]
    final = {'succeeded', 'aborted', 'failed', 'stopped', 'skipped'}
    return broken + [f'job {id} is {job["state"]}' for id, job in jobs.items()
                     if job['state'] not in final]


def check_not_twice(home, jobs, begun):
    """Not twice: each beginning has a leave: the first, a retry, a lost job that may run again."""
    broken = []
    for id, times in begun.items():
        if times == 1 or id not in jobs:
            continue
        events = home.document('job', 'show', str(id))['events']
        leave = 1 + sum(event['event'] in ('retry', 'retried', 'reschedule') or
                        event['event'] in ('lost', 'stopped') and 'tried again' in (event['detail'] or '')
                        for event in events)
        if times > leave:
            broken.append(f'job {id} began {times} times, with leave for {leave}')
    return broken


def check_once(jobs):
    """Once: every second from the first to the last has exactly one job that stands for it."""
    covered = collections.Counter()
    for job in jobs.values():
        if job['task'] != 'tick' or job['scheduled_epoch'] is None:
            continue
        scheduled, missed = int(job['scheduled_epoch']), job['missed']
        if job['state'] == 'skipped':  # `missed` is how many it stands for, if they are several
            last = int(job.get('last_scheduled_epoch') or scheduled)
            covered.update(range(last - max(missed, 1) + 1, last + 1))
        else:
            covered.update(range(scheduled - missed, scheduled + 1))
    if not covered:
        return ['the crontab made no job']
    broken = [f'second {at} has {count} jobs' for at, count in sorted(covered.items()) if count > 1]
    gaps = [at for at in range(min(covered), max(covered)) if not covered[at]]
    return broken[:10] + [f'second {at} has no job' for at in gaps[:10]]


def check_told(jobs):
    """Told: whatever did not succeed says why."""
    return [f'job {job["id"]} is {job["state"]} and does not say why' for job in jobs.values()
            if job['state'] in ('failed', 'stopped', 'skipped') and not job['reason'] and
            not job['error']]


def check_processes(home):
    """No process of a job is left."""
    left = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/environ', 'rb') as file:
                if f'PERIODIC_HOME={home.path}\0'.encode() in file.read():
                    left.append(f'process {name} was left over')
        except OSError:
            pass
    return left


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--seconds', type=float, default=15)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--actors', type=int, default=5)
    options = parser.parse_args()

    home = Home(os.path.abspath(options.program))
    print(f'seed {options.seed}, {options.actors} actors, {options.seconds:g} s', flush=True)
    until = time.monotonic() + options.seconds
    actors = [Actor(home, options.seed * 1000 + n, until) for n in range(options.actors)]
    for actor in actors:
        actor.start()
    for actor in actors:
        actor.join()

    broken = [error for actor in actors for error in actor.errors]
    broken += settle(home)
    jobs = home.jobs()
    begun, overlaps = read_ledger(home)
    accepted = {id: task for actor in actors for id, task in actor.accepted.items()}
    deleted = set().union(*(actor.deleted for actor in actors))
    twice = check_not_twice(home, jobs, begun)
    lost = check_kept(jobs, accepted, deleted)
    once = check_once(jobs)
    broken += overlaps + twice + lost + once + check_told(jobs) + check_processes(home)

    killed = sum(actor.counts['killed'] for actor in actors)
    print(f'jobs accepted {len(accepted)}, on record {len(jobs)}, begun {sum(begun.values())}; '
          f'processes killed {killed}; lost {len(lost)}, run twice without leave {len(twice)}, '
          f'groups overlapped {len(overlaps)}, occurrences wrong {len(once)}')
    return verdict.end(broken, home.path)


if __name__ == '__main__':
    sys.exit(main())
