"""A year of a daemon whose clock a script makes: the machine sleeps, the clock is set both ways, the
crontab changes, tasks are paused, the daemon is stopped and killed and the machine starts anew.
Every occurrence that an oracle of its own counts must be accounted for: it became exactly one job,
or is among the missed of one, or in a skipped job on record.

    year.py PROGRAM [--seed N] [--days N] [--from MM-DD] [--year N] [--store memory|sqlite]

Prints its seed and counts; exits 1, keeping the home, if one is not.
"""

import argparse
import bisect
import calendar
import collections
import dataclasses
import os
import random
import re
import subprocess
import sys
import tempfile
import time

import oracle
from oracle import DAY, HOUR, MINUTE

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import verdict

AHEAD = 1  # the daemon plans so many seconds ahead
PATIENCE = 3 * HOUR  # a clock that was set back by less is waited for
# So far from where the clock passed twice, the count of a job may reach into that.
REACH = 2 * DAY

TASKS = {
    'once': '',
    'all': '<catchUp limit="100">all</catchUp><overlap>allow</overlap><concurrency>0</concurrency>',
    'few': '<catchUp limit="3">all</catchUp><overlap>wait</overlap>',
    'none': '<catchUp grace="1m">none</catchUp>',
    'within': '<catchUp within="2h">once</catchUp><overlap>allow</overlap>',
    'wait': '<overlap>wait</overlap>',
    'replace': '<overlap>replace</overlap>',
    'retried': '<retries max="2" delay="40s" jitter="0"/>',
}


@dataclasses.dataclass(frozen=True)
class Entry:
    key: int
    zone: str
    when: str
    task: str
    more: str = ''

    def line(self):
        when = f'"{self.when}"' if self.when[0] != '@' else self.when
        return f'CRON_TZ={self.zone}\n{when} {self.task} key={self.key} {self.more}\n'


# Each kind of schedule, above all at the hours in which zones shift.
SCHEDULES = [
    ('Europe/Berlin', '*/30 */2 * * *', 'once'),
    ('Europe/Berlin', '30 2 * * *', 'all'),
    ('Europe/Berlin', '0-59/10 1-3 * * *', 'few'),
    ('Europe/Berlin', '*/10 2 * * *', 'all'),
    ('Europe/Berlin', '* * 25,29 3,10 *', 'none'),
    ('Europe/Berlin', '*/15 * 1-3 25-31 3,10 0', 'all'),
    ('Europe/Berlin', '5,35 0-59/20 2 25-31 3,10 0', 'all'),
    ('America/New_York', '7 * * * *', 'once'),
    ('America/New_York', '15,45 1-3 * * *', 'all'),
    ('America/New_York', '0 0 13 * 5', 'within'),
    ('Australia/Lord_Howe', '0,15,30,45 1-2 * * *', 'all'),
    ('Australia/Lord_Howe', '*/15 1-2 * * *', 'all'),
    ('Africa/Cairo', '0 0 * * *', 'once'),
    ('Africa/Cairo', '*/30 0 * * *', 'within'),
    ('America/Havana', '30 0 * * *', 'few'),
    ('America/Havana', '59 23 * * *', 'none'),
    ('Antarctica/Troll', '30 0-3 * * *', 'all'),
    ('Antarctica/Troll', '*/30 0-3 * * *', 'wait'),
    ('Europe/Dublin', '30 1 * * 0', 'once'),
    ('America/Sao_Paulo', '0 0 */2 * 1', 'once'),
    ('Asia/Kathmandu', '45 5 L * *', 'once'),
    ('Pacific/Apia', '0 */6 * * *', 'all'),
    ('UTC', '0 12 * * 1#1', 'once'),
    ('UTC', '@hourly', 'within'),
    ('UTC', '@daily', 'once'),
    ('UTC', '@weekly', 'none'),
    ('Europe/Berlin', '@monthly', 'once'),
    ('UTC', '@yearly', 'once'),
    ('UTC', '@every 90m', 'all'),
    ('UTC', '@every 1d', 'few'),
    ('UTC', '*/5 3 1-2 */3 *', 'once', 'takes=700'),
    ('UTC', '*/5 4 1-2 */3 *', 'wait', 'takes=330'),
    ('UTC', '*/5 5 1-2 */3 *', 'replace', 'takes=700'),
    ('UTC', '40 */4 * * *', 'retried', 'fails=yes'),
    ('UTC', '20 */2 * * *', 'missing'),
    ('UTC', '10 */3 * * *', 'one:once'),
    ('UTC', '10 */3 * * *', 'one:all', 'takes=4'),
    ('Europe/Berlin', 'H H * * *', 'all'),
    ('UTC', 'H/15 * * 3,10 *', 'once'),
    ('America/New_York', '5~20 H(1-4) * * *', 'all'),
    ('UTC', '@reboot', 'once'),
    ('Europe/Berlin', '@reboot', 'retried', 'fails=yes'),
]
# Many, so that they stand in the crontab for short times only.
DENSE = [
    ('UTC', '@every 20s', 'none'),
    ('Europe/Berlin', '*/30 * * * * *', 'wait'),
    ('Asia/Kathmandu', '10,40 */2 * * * *', 'all'),
    ('America/New_York', '* * * * *', 'within'),
]
WORDS = {'@hourly': '0 * * * *', '@daily': '0 0 * * *', '@weekly': '0 0 * * 0',
         '@monthly': '0 0 1 * *', '@yearly': '0 0 1 1 *'}


def random_schedule(chance):
    """Five fields of random lists, ranges and steps that fire at most a few times a day."""
    def field(low, high, stars):
        kind = chance.random()
        if kind < stars:
            return '*'
        if kind < 0.5:
            first = chance.randint(low, high)
            return f'{first}-{chance.randint(first, high)}/{chance.randint(2, 9)}'
        return ','.join(str(chance.randint(low, high)) for _ in range(chance.randint(1, 3)))

    minute = chance.choice(['*/30', '0-45/15', str(chance.randint(0, 59)), '59,0'])
    return ' '.join([minute, field(0, 23, 0.1), field(1, 31, 0.6), field(1, 12, 0.8),
                     field(0, 6, 0.6)])


class Scenario:
    """The crontabs, and what happens when, all from one seed."""

    def __init__(self, seed, begin, days):
        self.random = random.Random(seed)
        self.begin, self.end = begin, begin + days * DAY
        rows = list(SCHEDULES)
        zones = sorted({row[0] for row in SCHEDULES})
        rows += [(self.random.choice(zones), random_schedule(self.random),
                  self.random.choice(sorted(TASKS))) for _ in range(6)]
        self.entries = {key: Entry(key, *row) for key, row in enumerate(rows + DENSE)}
        self.dense = set(list(self.entries)[-len(DENSE):])
        self.crontabs = [self.some_entries()]  # sets of keys; None: it has a mistake
        self.events = []  # (milliseconds before it, words)
        self.invent()

    def some_entries(self, dense=frozenset()):
        """Most of them; those that are dense only where they are meant to be."""
        return {key for key in self.entries
                if key in dense or key not in self.dense and self.random.random() < 0.9}

    def invent(self):
        at = self.begin
        while True:
            wait = self.random.choice([MINUTE, HOUR, 6 * HOUR, 2 * DAY]) * self.random.random()
            if at + wait >= self.end:
                break
            at += wait + self.add(wait)
        self.events.append((int((self.end - at) * 1000), ['end']))

    def add(self, wait):
        """Adds an event after so long; answers how far the clock goes by it."""
        kind = self.random.choices(
            ['asleep', 'forward', 'back', 'far back', 'crontab', 'dense', 'broken', 'pause', 'stop',
             'kill', 'reboot'], [6, 2, 3, 0.1, 5, 1, 1, 2, 2, 2, 1])[0]
        length, rest = 0, []
        if kind in ('asleep', 'stop', 'kill', 'reboot'):
            length = self.random.choice([90, HOUR, 6 * HOUR, 30 * HOUR]) * self.random.random()
        elif kind == 'forward':
            length = self.random.choice([2, 600, 5 * HOUR]) * self.random.random()
        elif kind == 'back':
            length = -self.random.choice([2, 600, PATIENCE - 5]) * self.random.random()
        elif kind == 'far back':
            length = -PATIENCE - 5 - 20 * HOUR * self.random.random()
        millis = int(length * 1000)
        before = int(wait * 1000)
        if kind in ('asleep', 'forward', 'back', 'far back'):
            rest = ['leap', millis]
        elif kind == 'crontab':
            rest = ['crontab', self.new_crontab(self.some_entries())]
        elif kind == 'dense':
            some = {self.random.choice(sorted(self.dense))}
            self.events.append((before, ['crontab', self.new_crontab(self.some_entries(some))]))
            before = int(1000 * 3 * HOUR * self.random.random())
            rest = ['crontab', self.new_crontab(self.some_entries())]
            length = before / 1000
        elif kind == 'broken':
            rest = ['crontab', self.new_crontab(None)]
        elif kind == 'pause':
            task = self.random.choice(sorted(TASKS))
            self.events.append((before, ['pause', task]))
            before = int(1000 * 5 * HOUR * self.random.random())
            rest = ['resume', task]
            length = before / 1000
        else:
            rest = [kind, millis, self.new_crontab(self.some_entries())]
        self.events.append((before, rest))
        return length

    def new_crontab(self, keys):
        self.crontabs.append(keys)
        return len(self.crontabs) - 1

    def write(self, home):
        os.mkdir(os.path.join(home, 'tasks'))

        def write(name, text):
            with open(os.path.join(home, name), 'w', encoding='utf-8') as file:
                file.write(text)

        for name, config in TASKS.items():
            write(f'tasks/{name}.xml', f'<task><config>{config}</config>'
                                       '<command type="log">done</command></task>\n')
        for number, keys in enumerate(self.crontabs):
            lines = [self.entries[key].line() for key in sorted(keys or set())]
            write(f'crontab.{number}', ''.join(lines) + ('' if keys is not None else 'mistake\n'))
        write('script', f'{self.begin}\n' + ''.join(
            f'{wait} {" ".join(map(str, words))}\n' for wait, words in self.events))


@dataclasses.dataclass
class Job:
    key: int
    scheduled: int
    last: int
    count: int  # of the occurrences that it stands for
    state: str
    reason: str


def read(text):
    """The jobs, and the clock around each event."""
    jobs, clocks = [], collections.defaultdict(list)
    for line in text.splitlines():
        words = line.split()
        if words[0] == 'clock':
            clocks[int(words[1]) - 1].append(int(words[2]))
        elif words[0] == 'note':
            found = re.match(r'note (\d+) (\d+) more .* up to @(\d+) .* of @(\d+),', line)
            if found:  # the one that has a job is not among them
                key, count, last, scheduled = map(int, found.groups())
                jobs.append(Job(key, scheduled, last, count + 1, 'noted', 'noted'))
        else:
            key, scheduled, last, missed = map(int, words[1:5])
            state, reason = words[5], words[6][1:]
            count = max(missed, 1) if state == 'skipped' else missed + 1
            jobs.append(Job(key, scheduled, last, count, state, reason))
    return jobs, clocks


class Expectation:
    """What the clock has passed while each entry stood in the crontab, in stretches (after, until];
    they overlap only where it passed twice."""

    def __init__(self, scenario, clocks):
        self.stretches = collections.defaultdict(list)
        self.reboots, self.first_sights = collections.Counter(), collections.Counter()
        self.present = set()
        self.change(scenario.crontabs[0], scenario.begin)
        for number, (_, words) in enumerate(scenario.events):
            before, after = (clocks[number][0], clocks[number][-1])
            self.pass_to(before // 1000 + AHEAD)
            keys = scenario.crontabs[words[-1]] if words[0] in (
                'crontab', 'stop', 'kill', 'reboot') else None
            if words[0] in ('stop', 'kill', 'reboot'):
                self.restart(keys, after // 1000, words[0] == 'reboot')
            elif words[0] == 'crontab' and keys is not None:
                self.change(keys, before // 1000)
            elif words[0] == 'leap':
                self.leap(after // 1000)

    def pass_to(self, until):
        for key in self.present:
            stretch = self.stretches[key][-1]
            stretch[1] = max(stretch[1], until)

    def begin(self, key, at):
        self.stretches[key].append([at + AHEAD, at + AHEAD])

    def leap(self, now):
        for key in self.present:
            if self.stretches[key][-1][1] - now >= PATIENCE:
                self.begin(key, now)
        self.pass_to(now + AHEAD)

    def change(self, keys, now):
        for key in keys - self.present:
            self.begin(key, now)
            self.first_sights[key] += 1
        self.present = set(keys)

    def restart(self, keys, now, reboot):
        gone = self.present - keys
        stays = self.present & keys
        for key in gone:  # what was due meanwhile is on record
            self.stretches[key][-1][1] = max(self.stretches[key][-1][1], now)
        self.present = stays
        if reboot:
            self.reboots.update(stays)
        self.pass_to(now + AHEAD)
        self.change(keys, now)


def guessed_hash(entry, jobs, zone):
    """The schedule of an entry with H or ~, with what it must have chosen if its first job is
    right."""
    wall = dict(zip(range(zone.begin, zone.end, MINUTE), zone.local))
    shown = [wall[job.scheduled] % DAY for job in jobs]
    minutes = collections.Counter(at % HOUR // MINUTE for at in shown)
    hours = collections.Counter(at // HOUR for at in shown)
    minute, hour = minutes.most_common(1)[0][0], hours.most_common(1)[0][0]
    fields = entry.when.split()
    if fields[0] == 'H/15':
        fields[0] = f'{minute % 15}-59/15'
    else:
        fields[0] = str(minute)
        fields[1] = str(hour)
    in_range = (entry.when.startswith('H') or 5 <= minute <= 20) and (
        'H(1-4)' not in entry.when or 1 <= hour <= 4)
    return ' '.join(fields) if in_range else None


def schedule_of(entry, jobs, zone):
    when = WORDS.get(entry.when, entry.when)
    if re.search('[H~]', when):
        when = guessed_hash(entry, jobs, zone)
    if when.startswith('@every'):
        number, unit = re.fullmatch(r'@every (\d+)([smhd])', when).groups()
        return oracle.Every(int(number) * {'s': 1, 'm': MINUTE, 'h': HOUR, 'd': DAY}[unit])
    return oracle.Cron(when)


class Check:
    """Holds the jobs of one entry against what was expected."""

    def __init__(self, entry, jobs, stretches, occurrences):
        self.entry, self.jobs, self.occurrences = entry, jobs, occurrences
        self.covered = [0] * len(occurrences)
        self.broken = []
        self.cover()
        self.expected = [0] * (len(occurrences) + 1)
        for after, until in stretches:
            first, end = oracle.between(occurrences, after, until)
            self.expected[first] += 1
            self.expected[end] -= 1
        total = 0
        for index, step in enumerate(self.expected):
            total += step
            self.expected[index] = total
        self.expected.pop()
        self.compare()

    def say(self, at, text):
        shown = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(at))
        self.broken.append(f'{self.entry.when} {self.entry.zone} {self.entry.task}: '
                           f'{at} ({shown} UTC) {text}')

    def cover(self):
        """Which occurrences a job stands for: the latest before it; those of a pause lie between
        others, and are taken first."""
        paused = set()
        seen = set()
        for job in self.jobs:
            for at in {job.scheduled, job.last}:
                index = bisect.bisect_left(self.occurrences, at)
                if index == len(self.occurrences) or self.occurrences[index] != at:
                    self.say(at, 'has a job and is no occurrence')
            if job.scheduled in seen and job.state not in ('skipped', 'noted'):
                self.say(job.scheduled, 'has several jobs')
            seen.add(job.scheduled)
            if job.reason == 'paused':
                first, end = oracle.between(self.occurrences, job.scheduled - 1, job.last)
                paused.update(range(first, end))
                for index in range(first, end):
                    self.covered[index] += 1
                if end - first != job.count:
                    self.say(job.scheduled, f'stands for {job.count} paused, not {end - first}')
        for job in self.jobs:
            if job.reason == 'paused':
                continue
            index = bisect.bisect_right(self.occurrences, job.last) - 1
            left = job.count
            while left > 0 and index >= 0:
                if index not in paused:
                    self.covered[index] += 1
                    left -= 1
                index -= 1

    def compare(self):
        """Where the clock passed twice nobody can tell which pass a missed one belongs to: there the
        sum must do."""
        blurred = [at for at, expected in zip(self.occurrences, self.expected) if expected > 1]
        least = most = found = 0
        for at, covered, expected in zip(self.occurrences, self.covered, self.expected):
            first, end = oracle.between(blurred, at - REACH, at + REACH)
            if first < end:
                least, most, found = least + min(expected, 1), most + expected, found + covered
            elif covered > expected:
                self.say(at, f'is accounted for {covered} times, not {expected}')
            elif expected > 0 and covered == 0:
                self.say(at, 'is lost')
        if not least <= found <= most:
            self.say(blurred[0], f'and those around it, {least} with {most} passes of the clock, '
                     f'are accounted for {found} times')


def check_reboots(entry, jobs, expectation):
    """One for each start of the machine, but for those that came with the entry: they ran only if
    the machine of this test has just been started."""
    least = expectation.reboots[entry.key]
    most = least + expectation.first_sights[entry.key]
    if least <= len(jobs) <= most and len({job.scheduled for job in jobs}) == len(jobs):
        return []
    return [f'@reboot {entry.task} has {len(jobs)} jobs for {least} starts of the machine']


def check_told(jobs):
    final = {'succeeded', 'failed', 'stopped', 'skipped', 'aborted', 'queued',
             'noted'}
    return [f'a job of {job.scheduled} is {job.state} without a reason' for job in jobs
            if job.state not in final or job.state in ('skipped', 'failed') and not job.reason]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--year', type=int, default=2026)
    parser.add_argument('--from', dest='first', default='01-01')
    parser.add_argument('--days', type=int, default=365)
    parser.add_argument('--store', default='memory')
    options = parser.parse_args()

    month, day = map(int, options.first.split('-'))
    begin = calendar.timegm((options.year, month, day, 0, 0, 0))
    print(f'seed {options.seed}, {options.days} days from {options.year}-{options.first}',
          flush=True)
    scenario = Scenario(options.seed, begin, options.days)
    # Nothing here is about a disk; one in memory lets a year pass sooner.
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    home = tempfile.mkdtemp(prefix='periodic-year-', dir=memory)
    scenario.write(home)
    begun = time.monotonic()
    done = subprocess.run([os.path.abspath(options.program), home, options.store],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    if done.returncode != 0:
        return verdict.end([f'exit {done.returncode}: {done.stderr}'], home)
    jobs, clocks = read(done.stdout)
    expectation = Expectation(scenario, clocks)

    last = max(clock for both in clocks.values() for clock in both) // 1000
    zones = {name: oracle.Zone(name, begin - 2 * DAY, last + 2 * DAY)
             for name in {entry.zone for entry in scenario.entries.values()}}
    by_key = collections.defaultdict(list)
    for job in jobs:
        by_key[job.key].append(job)
    broken, expected, twice = check_told(jobs), 0, 0
    for key, entry in scenario.entries.items():
        if entry.when == '@reboot':
            broken += check_reboots(entry, by_key[key], expectation)
            continue
        if re.search('[H~]', entry.when) and not by_key[key]:
            continue
        schedule = schedule_of(entry, by_key[key], zones[entry.zone])
        check = Check(entry, by_key[key], expectation.stretches[key],
                      schedule.occurrences(zones[entry.zone]))
        broken += check.broken
        expected += sum(min(times, 1) for times in check.expected)
        twice += sum(times > 1 for times in check.expected)

    states = collections.Counter(job.state for job in jobs)
    kinds = collections.Counter(words[0] for _, words in scenario.events)
    print(f'{len(scenario.entries)} entries in {len(zones)} zones; events: ' +
          ', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items())))
    print(f'{expected} occurrences ({twice} passed twice by the clock) became {len(jobs)} jobs, '
          f'which stand for {sum(job.count for job in jobs)}: ' +
          ', '.join(f'{count} {state}' for state, count in sorted(states.items())) +
          f'; simulated in {took:.1f} s')
    return verdict.end(broken, home)


if __name__ == '__main__':
    sys.exit(main())
