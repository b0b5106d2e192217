"""Debian's cron and Periodic beside each other: one crontab is run by a cron daemon of its own, in
a mount namespace where it sees nothing of the system's crontabs, and, imported, by Periodic's
daemon. Both run for some minutes, and the starts are compared line by line.

    neighbours.py PROGRAM [--minutes N]

Prints the lateness of both; exits 1, keeping the directory, if a start has no partner, and 77,
saying why, where cron can't be run so.
"""

import argparse
import collections
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import verdict

SKIPPED = 77
MINUTE = 60
# How long after a minute its jobs have all begun: cron looks around once a minute, at some second
# of its own, and a loaded machine takes its time.
AFTER = 20

SCHEDULES = ['* * * * *', '*/1 * * * *', '0-59 * * * *', '*/2 * * * *', '1-59/2 * * * *',
             '*/3 * * * *', '*/5 * * * *', '0,7,14,21,28,35,42,49,56 * * * *', '* */1 * * *',
             '* * 1-31 jan-dec *', '* * * * mon-fri', '* * * * sat,7', '*/2 * 1-15 * 0-7',
             '* * * * *', '* * * * *']

# In a place of its own nothing of the system's is left for cron: neither crontabs nor its pid.
PRIVATE_CRON = """set -e
mount --bind {place}/spool /var/spool/cron/crontabs
mount --bind {place}/nothing /etc/cron.d
[ ! -e /etc/crontab ] || mount --bind {place}/no-crontab /etc/crontab
mount -t tmpfs tmpfs /run
exec cron -f
"""


def skip(why):
    print(f'skipped: {why}')
    sys.exit(SKIPPED)


def crontab_text(place):
    """Each line says in its ledger when it began; only Periodic's jobs know a home."""
    lines = ['SHELL=/bin/sh', 'PATH=/usr/bin:/bin', 'MAILTO=""']
    for number, when in enumerate(SCHEDULES):
        lines.append(f'{when} echo "{number} $(date +\\%s.\\%N)" '
                     f'>> {place}/began${{PERIODIC_HOME:+-periodic}}')
    return '\n'.join(lines) + '\n'


def prepare(place, program):
    home = os.path.join(place, 'home')
    os.makedirs(os.path.join(home, 'tasks'))
    for name in ('spool', 'nothing'):
        os.mkdir(os.path.join(place, name))
    for name in ('no-crontab', 'home/crontab'):
        with open(os.path.join(place, name), 'w', encoding='ascii'):
            pass
    crontab = os.path.join(place, 'spool/root')
    with open(crontab, 'w', encoding='ascii') as file:
        file.write(crontab_text(place))
    os.chmod(crontab, 0o600)
    subprocess.run([program, '-C', home, 'import', crontab], stdin=subprocess.DEVNULL, check=True,
                   stdout=subprocess.DEVNULL)
    return home


def starts(path):
    """The instants at which each line began, by minute."""
    found = collections.defaultdict(list)
    if os.path.exists(path):
        with open(path, encoding='ascii') as file:
            for line in file:
                number, at = line.split()
                found[int(number), int(float(at)) // MINUTE * MINUTE].append(float(at))
    return found


def sleep_until(at, processes):
    while time.time() < at:
        for name, process in processes.items():
            if process.poll() is not None:
                raise RuntimeError(f'{name} ended by itself: exit {process.returncode}')
        time.sleep(0.2)


def compare(cron, periodic, minutes):
    """What has no partner in the same minute. Also prints the two beside each other."""
    broken = []
    for number, when in enumerate(SCHEDULES):
        for minute in minutes:
            theirs, ours = cron[number, minute], periodic[number, minute]
            if not theirs and not ours:
                continue
            shown = time.strftime('%H:%M', time.localtime(minute))
            beside = [f'{at - minute:6.3f} s' for at in theirs] + ['|'] + [
                f'{at - minute:6.3f} s' for at in ours]
            print(f'{shown}  {number:2} {when:36} {" ".join(beside)}')
            if len(theirs) != len(ours):
                broken.append(f'{when} at {shown}: cron started {len(theirs)}, we {len(ours)}')
    return broken


def lateness(name, found, minutes):
    late = sorted(at - minute for (_, minute), all in found.items() for at in all
                  if minute in minutes)
    if late:
        print(f'{name}: {len(late)} starts, {late[len(late) // 2] * 1000:.0f} ms after the minute in '
              f'the median, {late[-1] * 1000:.0f} ms at most')
    return [] if late else [f'{name} started nothing']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('--minutes', type=int, default=3)
    options = parser.parse_args()
    if os.geteuid() != 0:
        skip('a cron daemon of its own needs root')
    if not shutil.which('cron') or not shutil.which('unshare'):
        skip("Debian's cron is not installed")
    if subprocess.run(['unshare', '--mount', 'true'], capture_output=True, check=False).returncode:
        skip('this process may not make a mount namespace')

    program = os.path.abspath(options.program)
    place = tempfile.mkdtemp(prefix='periodic-neighbours-')
    home = prepare(place, program)
    processes = {}
    broken = []
    try:
        with open(os.path.join(place, 'log'), 'wb') as log:
            processes['cron'] = subprocess.Popen(
                ['unshare', '--mount', '--propagation', 'private', 'sh', '-c',
                 PRIVATE_CRON.format(place=place)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            processes['periodic'] = subprocess.Popen([program, '-C', home, 'daemon'],
                                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        # The first minute is the one after both are at work.
        first = int(time.time() + AFTER) // MINUTE * MINUTE + MINUTE
        minutes = range(first, first + options.minutes * MINUTE, MINUTE)
        sleep_until(minutes[-1] + AFTER, processes)
    except RuntimeError as error:
        broken.append(str(error))
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(60)
    cron = starts(os.path.join(place, 'began'))
    periodic = starts(os.path.join(place, 'began-periodic'))
    broken += compare(cron, periodic, minutes)
    broken += lateness('cron', cron, minutes) + lateness('periodic', periodic, minutes)
    return verdict.end(broken, place)


if __name__ == '__main__':
    sys.exit(main())
