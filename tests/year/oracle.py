"""When entries are due, found out minute by minute with Python's own zone data and no cleverness."""

import bisect
import datetime
import zoneinfo

MINUTE = 60
HOUR = 3600
DAY = 86400
EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
# A shift as long as that is a correction of the calendar, not daylight saving.
CORRECTION = 3 * HOUR


class Zone:
    """The local time of every minute between two instants, and where it shifts."""

    def __init__(self, name, begin, end):
        self.begin, self.end = begin // HOUR * HOUR, end // HOUR * HOUR
        zone = zoneinfo.ZoneInfo(name)

        def offset(at):
            return int(datetime.datetime.fromtimestamp(at, zone).utcoffset().total_seconds())

        self.local = []  # of each minute: seconds since 1970 as the wall clock shows them
        self.again = set()  # minutes that the wall clock has shown before
        self.gaps = []  # (instant after it, first local minute in it, first one after it)
        before = offset(self.begin - MINUTE)
        for quarter in range(self.begin, self.end, 15 * MINUTE):
            now = offset(quarter)
            if now != before and now - before < 0 < CORRECTION + now - before:
                self.again.update(range(quarter, quarter + before - now, MINUTE))
            if now != before and 0 < now - before < CORRECTION:
                self.gaps.append((quarter, quarter + before, quarter + now))
            self.local += range(quarter + now, quarter + now + 15 * MINUTE, MINUTE)
            before = now


class Field:
    """A field of numbers; `*`, lists, ranges and steps."""

    def __init__(self, text, low, high):
        self.star = text.startswith('*')
        self.values = set()
        for item in text.split(','):
            item, _, step = item.partition('/')
            if item == '*':
                first, last = low, high
            else:
                first, _, last = item.partition('-')
                last = last or (high if step else first)
            self.values.update(range(int(first), int(last) + 1, int(step or 1)))


def is_last_day(day):
    return (day + datetime.timedelta(days=1)).month != day.month


class Cron:
    """Five fields, or six with seconds in front. In the day fields also L and n#k."""

    def __init__(self, text):
        fields = text.split()
        self.seconds = sorted(Field(fields.pop(0), 0, 59).values) if len(fields) == 6 else [0]
        self.minute, self.hour = Field(fields[0], 0, 59), Field(fields[1], 0, 23)
        self.month = Field(fields[3], 1, 12)
        self.is_wild = self.minute.star or self.hour.star
        self.day_text, self.weekday_text = fields[2], fields[4]
        self.times = {(h * 60 + m) * MINUTE for h in self.hour.values for m in self.minute.values}

    def is_day(self, day):
        if day.month not in self.month.values:
            return False
        if self.day_text == 'L':
            by_date = is_last_day(day)
        else:
            by_date = day.day in Field(self.day_text, 1, 31).values
        weekday, _, which = self.weekday_text.partition('#')
        by_weekday = day.isoweekday() % 7 in {value % 7 for value in Field(weekday, 0, 7).values}
        if which:
            by_weekday = by_weekday and (day.day - 1) // 7 + 1 == int(which)
        if self.day_text.startswith('*') or self.weekday_text.startswith('*'):
            return by_date and by_weekday
        return by_date or by_weekday

    def occurrences(self, zone):
        days = {number * DAY for number in range(zone.begin // DAY - 2, zone.end // DAY + 2)
                if self.is_day(datetime.date.fromordinal(EPOCH_DAY + number))}
        found = set()
        for minute, local in enumerate(zone.local):
            since_midnight = local % DAY
            if since_midnight in self.times and local - since_midnight in days:
                at = zone.begin + minute * MINUTE
                if self.is_wild or at not in zone.again:
                    found.update(at + second for second in self.seconds)
        for after, first, end in zone.gaps:
            if not self.is_wild and any(local % DAY in self.times and local - local % DAY in days
                                        for local in range(first, end, MINUTE)):
                found.add(after)
        return sorted(found)


class Every:
    """Multiples since the epoch."""

    def __init__(self, seconds):
        self.seconds = seconds

    def occurrences(self, zone):
        first = -(-zone.begin // self.seconds) * self.seconds
        return list(range(first, zone.end, self.seconds))


def between(occurrences, after, until):
    """How many are later than `after` and not later than `until`, as a pair of indexes."""
    return bisect.bisect_right(occurrences, after), bisect.bisect_right(occurrences, until)
