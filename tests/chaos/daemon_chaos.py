"""A daemon under fire: it and its workers are killed with SIGKILL at random, its store's disk
fills, its control socket is flooded with garbage, files of its state directory are deleted, its
crontab and tasks change and are broken for a moment, while jobs are added, stopped, killed and
retried. In the end the five promises are checked against a ledger that the tasks themselves wrote,
with O_APPEND, outside of the store, and no process may be left over.

    daemon_chaos.py PROGRAM [--seconds N] [--seed N] [--actors N]

Prints its seed and counts; exits 1, keeping the home, if a promise was broken.
"""

import argparse
import collections
import contextlib
import glob
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import chaos
import verdict  # found by chaos

POOLS = """<periodic><workers>
<pool topic="default" static="2" dynamic="4" growAt="2" idle="2s"/>
<pool topic="shared" static="1" dynamic="1" slots="4" recycleJobs="20"/>
</workers></periodic>
"""
TICK = '"* * * * * *" ticking:tick\n'
DISK_BYTES = 16 << 20
BROKEN_DISK = 74
BROKEN_TASK = 78
PATIENCE_SECONDS = 90
ADDED_PER_SECOND = 4  # by each client
# Those that may do so run side by side, so that not too many are left in the end.
SIDE_BY_SIDE = ['quick', 'slow', 'stubborn', 'leaving', 'failing', 'safe']


def processes_of(home):
    """All processes that have the home in their words or their environment: pid and what it is."""
    found = {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        with contextlib.suppress(OSError):
            with open(f'/proc/{name}/cmdline', 'rb') as file:
                words = file.read()
            with open(f'/proc/{name}/environ', 'rb') as file:
                environment = file.read()
            own = f'PERIODIC_HOME={home}\0'.encode() in environment
            if own or f'{home}\0'.encode() in words:
                found[int(name)] = words.replace(b'\0', b' ').decode(errors='replace')
    return found


def children_of(pid):
    try:
        tasks = os.listdir(f'/proc/{pid}/task')
        return [int(child) for task in tasks
                for child in open(f'/proc/{pid}/task/{task}/children', encoding='ascii').read().split()]
    except OSError:
        return []


def waits_for(pid, number):
    """Whether a process has blocked a signal, to take it in its own time: before, it dies of it."""
    try:
        with open(f'/proc/{pid}/status', encoding='utf-8') as file:
            blocked = next(line for line in file if line.startswith('SigBlk:'))
    except (OSError, StopIteration):
        return False
    return int(blocked.split()[1], 16) >> (number - 1) & 1 == 1


class Disk:
    """A small one for the state directory, if this process may mount; else the daemon's files may
    not grow for a while."""

    def __init__(self, state):
        self.state = state
        os.mkdir(state)
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={DISK_BYTES},mode=700', 'tmpfs',
                               state], capture_output=True, check=False)
        self.mounted = done.returncode == 0

    def kind(self):
        return 'a disk of 16 MiB' if self.mounted else 'limits of file size (no root)'

    @contextlib.contextmanager
    def full(self, daemon):
        """Nothing more can be written while this lasts."""
        if self.mounted:
            filler = os.path.join(self.state, 'filler')
            try:
                with open(filler, 'wb', buffering=0) as file, contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(4096))
                yield
            finally:
                os.unlink(filler)
        else:
            whole = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(daemon, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            yield
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(daemon, resource.RLIMIT_FSIZE, whole)

    def close(self):
        if self.mounted:
            subprocess.run(['umount', '-l', self.state], check=False)


class Keeper(threading.Thread):
    """Starts the daemon again whenever it is gone."""

    def __init__(self, home):
        super().__init__()
        self.home, self.stopping = home, threading.Event()
        self.counts, self.errors = collections.Counter(), []
        self.process = None

    def run(self):
        while not self.stopping.is_set():
            # Python ignores SIGXFSZ, and with these signals so does the daemon: a file that may
            # not grow is an error of the write.
            with open(os.path.join(self.home.path, 'daemon.log'), 'ab') as log:
                self.process = subprocess.Popen(
                    self.home.command('daemon'), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, restore_signals=False)
            self.counts['starts'] += 1
            code = self.process.wait()
            if code == BROKEN_DISK:
                self.counts['gave up for the disk'] += 1
                time.sleep(0.1)
            elif code not in (0, -signal.SIGKILL):
                self.errors.append(f'the daemon ended by itself: exit {code}')
            elif code == 0 and not self.stopping.is_set():
                self.errors.append('the daemon ended though nobody asked it to')


class Client(chaos.Actor):
    """Does what people do."""

    def run(self):
        self.begun = time.monotonic()
        actions = [self.add] * 8 + [self.stop, self.kill, self.retry] * 2 + [
            self.edit, self.delete, self.prune, self.pause]
        while time.monotonic() < self.until:
            self.random.choice(actions)()

    def process(self, *words, kill=0.25, longest=0.6):
        """As without a daemon, but the disk may be full when it comes, and a task broken."""
        doomed = self.random.random() < kill
        process = subprocess.Popen(self.home.command(*words), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(
                timeout=self.random.uniform(0, longest) if doomed else 120)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
            if doomed:
                self.counts['clients killed'] += 1
            else:
                self.errors.append(f'{words}: never ends')
            return None, out
        if process.returncode not in (0, 1, BROKEN_DISK, BROKEN_TASK):
            self.errors.append(f'{words}: exit {process.returncode}: {err}')
        return process.returncode, out

    def add(self):
        """Not more than can be done: in the end all of it is waited for."""
        elapsed = time.monotonic() - self.begun
        if len(self.accepted) <= ADDED_PER_SECOND * elapsed:
            super().add()
        else:
            time.sleep(0.02)

    def pause(self):
        task = self.random.choice(chaos.BY_HAND)
        self.process('pause', '--task', task, kill=0.1)
        time.sleep(self.random.uniform(0, 0.2))
        while self.process('resume', '--task', task, kill=0)[0] == BROKEN_DISK:
            time.sleep(0.1)


class Vandal(threading.Thread):
    """Does one thing after the other to the daemon that nobody should."""

    def __init__(self, home, disk, keeper, seed, until):
        super().__init__()
        self.home, self.disk, self.keeper, self.until = home, disk, keeper, until
        self.random = random.Random(seed)
        self.counts, self.errors = collections.Counter(), []

    def run(self):
        actions = ([self.kill_daemon] * 2 + [self.kill_worker] * 5 + [self.flood] * 4 +
                   [self.delete_files] * 4 + [self.change_crontab] * 3 + [self.break_task] * 2 +
                   [self.fill_disk] * 2)
        while time.monotonic() < self.until:
            action = self.random.choice(actions)
            try:
                action()
            except Exception as error:  # a bug of the test: said in the end, as a failure
                self.errors.append(f'{action.__name__}: {error!r}')
            time.sleep(self.random.uniform(0, 0.4))

    def daemon(self):
        return self.keeper.process.pid if self.keeper.process else 0

    def strike(self, pid, what):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.counts[what] += 1

    def kill_daemon(self):
        if self.keeper.process and self.keeper.process.poll() is None:
            self.strike(self.daemon(), 'daemons killed')

    def kill_worker(self):
        children = children_of(self.daemon())
        if children:
            self.strike(self.random.choice(children), 'workers killed')

    def flood(self):
        """Many at once: garbage with and without a line's end, half requests, silence."""
        words = [b'', b'run ', b'append ', b'status\0', b'look', b'wake', b'asks', b'ok', b'yield2',
                 b'run 99999999999999999999\n', b'append 1 2 3\n', b'log {"id":\n']
        sockets = []
        for _ in range(self.random.choice([1, 10, 100])):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            try:
                client.connect(os.path.join(self.home.path, 'var/control'))
                garbage = self.random.choice(words) + self.random.randbytes(
                    self.random.choice([0, 10, 5000, 200_000]))
                client.send(garbage + self.random.choice([b'', b'\n', b'\n\n']))
            except OSError:  # nobody is there, or too many are, or has enough of it
                pass
            sockets.append(client)
        self.counts['connections with garbage'] += len(sockets)
        time.sleep(self.random.choice([0, 0, 0.2]))
        for client in sockets:
            client.close()

    def delete_files(self):
        kind = self.random.choice(['control', 'lock', 'program-*', 'processes.*', 'reserve',
                                   'periodic.log'])
        for path in glob.glob(os.path.join(self.home.path, 'var', kind)):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                if os.path.isdir(path):
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    os.unlink(path)
                self.counts['files deleted'] += 1

    def replace(self, name, text):
        """As editors do it: the file is the old one or the new one."""
        self.home.write(name + '.new', text)
        os.rename(os.path.join(self.home.path, name + '.new'), os.path.join(self.home.path, name))

    def change_crontab(self):
        more = ['@every 1s one:safe n=1\n', '"*/2 * * * * *" guarded n=2\n', '* * * * * missing\n',
                '@daily quick\n', 'CRON_TZ=Asia/Kathmandu\n*/1 * * * * single\n']
        chosen = self.random.sample(more, self.random.randrange(len(more)))
        if self.random.random() < 0.3:
            chosen.append('61 * * * * nonsense\n')
        self.replace('crontab', TICK + ''.join(chosen))
        self.counts['crontabs changed'] += 1
        time.sleep(self.random.uniform(0, 0.3))
        if self.random.random() < 0.5 or len(chosen) != len(more):
            self.replace('crontab', TICK)
        if self.random.random() < 0.3:
            with contextlib.suppress(ProcessLookupError):
                if self.daemon() and waits_for(self.daemon(), signal.SIGHUP):
                    os.kill(self.daemon(), signal.SIGHUP)

    def break_task(self):
        name = self.random.choice(['quick', 'slow', 'safe'])
        path = f'tasks/{name}.xml'
        with open(os.path.join(self.home.path, path), encoding='utf-8') as file:
            sound = file.read()
        self.replace(path, self.random.choice(['', '<task>', sound.replace('</task>', '<x/></task>')]))
        time.sleep(self.random.uniform(0, 0.2))
        self.replace(path, sound)
        self.counts['tasks broken'] += 1

    def fill_disk(self):
        with self.disk.full(self.daemon()):
            time.sleep(self.random.uniform(0.1, 1.5))
        self.counts['disks filled'] += 1


def settle(home):
    """Lets the daemon end all that there is."""
    for name in chaos.TASKS:
        home.call('resume', '--task', name)
    home.write('crontab', '')
    home.call('reload')
    home.call('job', 'start', '--state', 'idle')
    least, limit = None, 0
    while True:
        document = home.document('job', 'list', '--state', 'queued,running,idle', '--total')
        if document['total'] == 0:
            return []
        if least is None or document['total'] < least:
            least, limit = document['total'], time.monotonic() + PATIENCE_SECONDS
        if time.monotonic() > limit:
            return [f'job {job["id"]} ({job["task"]}) is {job["state"]} (waiting for '
                    f'{job["waiting_for"]}) and never ends' for job in document['jobs']]
        time.sleep(0.2)


def check_processes(home):
    limit = time.monotonic() + 20  # a killed one may just be dying
    while (left := processes_of(home.path)) and time.monotonic() < limit:
        time.sleep(0.1)
    return [f'process {pid} was left over: {words}' for pid, words in left.items()]


def prepare(program):
    home = chaos.Home(program)
    home.write('periodic.xml', POOLS)
    for name in SIDE_BY_SIDE + ['guarded']:
        path = f'tasks/{name}.xml'
        with open(os.path.join(home.path, path), encoding='utf-8') as file:
            text = file.read()
        config = '<topic>shared</topic>' if name == 'guarded' else '<concurrency>4</concurrency>'
        home.write(path, text.replace('<config>', f'<config>{config}'))
    home.write('crontab', TICK)
    return home


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--seconds', type=float, default=20)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--actors', type=int, default=3)
    options = parser.parse_args()

    home = prepare(os.path.abspath(options.program))
    disk = Disk(os.path.join(home.path, 'var'))
    print(f'seed {options.seed}, {options.actors} clients, {options.seconds:g} s, {disk.kind()}',
          flush=True)
    keeper = Keeper(home)
    keeper.start()
    until = time.monotonic() + options.seconds
    clients = [Client(home, options.seed * 1000 + n, until) for n in range(options.actors)]
    vandal = Vandal(home, disk, keeper, options.seed, until)
    try:
        for thread in [*clients, vandal]:
            thread.start()
        for thread in [*clients, vandal]:
            thread.join()
        broken = [error for thread in [*clients, vandal] for error in thread.errors]
        broken += settle(home)
    finally:
        keeper.stopping.set()
        home.call('stop')
        keeper.join(60)
        if keeper.is_alive():
            keeper.process.kill()
            keeper.errors.append('the daemon did not stop when it was asked to')
    broken += keeper.errors + check_processes(home)
    jobs = home.jobs()
    begun, overlaps = chaos.read_ledger(home)
    accepted = {id: task for client in clients for id, task in client.accepted.items()}
    deleted = set().union(*(client.deleted for client in clients))
    twice = chaos.check_not_twice(home, jobs, begun)
    lost = chaos.check_kept(jobs, accepted, deleted)
    once = chaos.check_once(jobs)
    broken += overlaps + twice + lost + once + chaos.check_told(jobs)

    counts = sum((thread.counts for thread in [*clients, vandal, keeper]), collections.Counter())
    print(', '.join(f'{what} {count}' for what, count in sorted(counts.items())))
    print(f'jobs accepted {len(accepted)}, on record {len(jobs)}, begun {sum(begun.values())}; '
          f'lost {len(lost)}, run twice without leave {len(twice)}, '
          f'groups overlapped {len(overlaps)}, occurrences wrong {len(once)}')
    if broken:
        kept = home.path + '-var'
        shutil.copytree(os.path.join(home.path, 'var'), kept, ignore=shutil.ignore_patterns('control'))
        print(f'the state is kept: {kept}')
    disk.close()
    return verdict.end(broken, home.path)


if __name__ == '__main__':
    sys.exit(main())
