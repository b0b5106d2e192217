"""next: when things will run."""

import unittest

from home import HomeTest, call, shell

MEMBERS = {"time", "epoch", "zone", "task", "group", "shifted"}


def next_json(*words):
    answer = call("next", *words, "--output", "json")
    assert answer.code == 0, answer
    return answer.document


class NextOfAnExpression(unittest.TestCase):
    def test_has_every_member(self):
        found = next_json("--cron", "30 2 * * *", "--zone", "Europe/Berlin", "--from",
                          "2026-03-27T12:00:00Z", "-n", "1")
        self.assertEqual(found, [{"time": "2026-03-28T02:30:00+01:00", "epoch": 1774661400,
                                  "zone": "Europe/Berlin", "task": None, "group": None,
                                  "shifted": None}])

    def test_marks_what_a_gap_moved(self):
        found = next_json("--cron", "30 2 * * *", "--zone", "Europe/Berlin", "--from",
                          "2026-03-28T12:00:00Z", "-n", "2")
        self.assertEqual([(each["time"], each["shifted"]) for each in found],
                         [("2026-03-29T03:00:00+02:00", "gap"), ("2026-03-30T02:30:00+02:00", None)])

    def test_marks_a_second_pass(self):
        found = next_json("--cron", "*/30 2 * * *", "--zone", "Europe/Berlin", "--from",
                          "2026-10-24T22:00:00Z", "-n", "4")
        self.assertEqual([(each["time"][11:], each["shifted"]) for each in found],
                         [("02:00:00+02:00", None), ("02:30:00+02:00", None),
                          ("02:00:00+01:00", "repeated"), ("02:30:00+01:00", "repeated")])

    def test_explains_shifts_in_words(self):
        out = call("next", "--cron", "30 2 * * *", "--zone", "Europe/Berlin", "--from",
                   "2026-03-28T12:00:00Z", "-n", "1", "--explain").out
        self.assertIn("At 02:30", out)
        self.assertIn("Berlin", out)
        self.assertIn("Sun 2026-03-29 03:00:00 +02:00", out)
        self.assertGreater(len(out.splitlines()), 3, out)

    def test_gives_ten_unless_told(self):
        self.assertEqual(len(next_json("--cron", "* * * * *")), 10)
        self.assertEqual(len(next_json("--cron", "* * * * *", "-n", "3")), 3)
        self.assertEqual(next_json("--cron", "* * * * *", "-n", "0"), [])

    def test_is_strictly_after_and_strictly_before(self):
        at = "2026-01-01T12:00:00Z"
        self.assertEqual(next_json("--cron", "0 * * * *", "--from", at, "-n", "1")[0]["time"],
                         "2026-01-01T13:00:00+00:00")
        self.assertEqual(next_json("--cron", "0 * * * *", "--from", at, "-n", "2", "--previous")[0]["time"],
                         "2026-01-01T11:00:00+00:00")

    def test_goes_backward_newest_first(self):
        found = next_json("--cron", "0 * * * *", "--previous", "-n", "3", "--from", "@7200")
        self.assertEqual([each["epoch"] for each in found], [3600, 0])

    def test_of_what_never_matches_is_empty_and_fine(self):
        self.assertEqual(next_json("--cron", "0 0 30 2 *"), [])
        answer = call("next", "--cron", "0 0 30 2 *")
        self.assertEqual(answer.code, 0)
        self.assertIn("never", answer.out)

    def test_takes_times_in_three_forms(self):
        for text in ("2026-01-01T00:00:00+00:00", "@1767225600", "-30m", "2h"):
            self.assertEqual(call("next", "--cron", "@daily", "--from", text).code, 0, text)
        for text in ("yesterday", "2026-02-30", "2026-1-1", "2026-01-1x", "@", "2026-13-01T00:00:00Z", ""):
            answer = call("next", "--cron", "@daily", "--from", text)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
            self.assertIn("--from", answer.err)

    def test_takes_a_date_as_its_midnight_in_the_zone(self):
        cases = [("Europe/Berlin", "2026-03-27", "2026-03-27T00:01:00+01:00"),
                 ("Europe/Berlin", "2026-07-01", "2026-07-01T00:01:00+02:00"),
                 ("Asia/Tokyo", "2026-03-27", "2026-03-27T00:01:00+09:00"),
                 ("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:01:00-02:00"),  # no midnight
                 ("America/Havana", "2026-11-01", "2026-11-01T00:01:00-04:00")]  # two of them
        for zone, date, first in cases:
            with self.subTest(zone=zone, date=date):
                found = next_json("--cron", "* * * * *", "--zone", zone, "--from", date, "-n", "1")
                self.assertEqual(found[0]["time"], first)

    def test_takes_no_expression_for_a_task(self):
        for text in ("* * * * *", "@daily"):
            answer = call("next", text)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
            self.assertIn(f"periodic next --cron '{text}'", answer.err)

    def test_explains_what_a_gap_takes_away(self):
        def explained(expression, zone, *words):
            return call("next", "--cron", expression, "--zone", zone, "--explain", *words).out

        berlin = ("Europe/Berlin", "--from", "2026-03-28", "-n", "4")
        none = "2026-03-29 has none: in Europe/Berlin, the clocks skip from 02:00 to 03:00"
        self.assertIn(none, explained("*/30 2 * * *", *berlin))
        self.assertIn(none, explained("*/30 2 * * *", "Europe/Berlin", "--from", "2026-03-31",
                                      "--previous", "-n", "4"))
        self.assertIn("On 2026-03-29, in Europe/Berlin, the clocks skip from 02:00 to 03:00, and with that 02:00 to\n"
                      "    02:45;", explained("*/15 * * * *", "Europe/Berlin", "--from", "2026-03-29", "-n", "20"))
        self.assertIn("2011-12-30 has none: in Pacific/Apia",
                      explained("0 6 30 12 *", "Pacific/Apia", "--from", "2011-12-01", "-n", "1"))
        # Made up for, not shown, not in the gap, or bound to no clock.
        for expression, words in (("30 2 * * *", berlin), ("*/30 3 * * *", berlin), ("@every 10m", berlin),
                                  ("*/30 2 * * *", ("Europe/Berlin", "--from", "2026-03-28", "-n", "2")),
                                  ("*/30 2 * * *", ("Europe/Berlin", "--from", "2026-10-24", "-n", "9"))):
            with self.subTest(expression=expression, words=words):
                self.assertNotIn("the clocks skip from", explained(expression, *words))

    def test_says_what_is_wrong_with_an_expression(self):
        answer = call("next", "--cron", "0 24 * * *")
        self.assertEqual((answer.code, answer.out), (2, ""))
        self.assertIn("    0 24 * * *\n      ^\n", answer.err)
        for text in ("", "* * *", "@dayly", "0 0 32 * *", "0 0 * * */0"):
            self.assertEqual(call("next", "--cron", text).code, 2, text)

    def test_says_what_is_wrong_with_a_zone(self):
        answer = call("next", "--cron", "@daily", "--zone", "Europe/Berln")
        self.assertEqual((answer.code, answer.out), (2, ""))
        self.assertIn("Europe/Berlin", answer.err)
        self.assertEqual(call("next", "--cron", "@daily", "--zone", "../../etc/passwd").code, 2)

    def test_excludes_a_task(self):
        self.assertEqual(call("next", "backup", "--cron", "@daily").code, 2)


class NextOfACrontab(HomeTest):
    def setUp(self):
        super().setUp()
        self.task("a", shell("true"))
        self.task("b", shell("true"))
        self.crontab("""\
            0 6 * * *  g:a
            CRON_TZ=Europe/Berlin
            0 6 * * *  b  key=value
            @reboot    b
            """)

    def test_merges_in_order_of_time(self):
        found = self.json("next", "--from", "2026-01-01T00:00:00Z", "-n", "3")
        self.assertEqual([(each["time"], each["task"], each["group"], each["zone"]) for each in found],
                         [("2026-01-01T06:00:00+01:00", "b", None, "Europe/Berlin"),
                          ("2026-01-01T06:00:00+00:00", "a", "g", "UTC"),
                          ("2026-01-02T06:00:00+01:00", "b", None, "Europe/Berlin")])
        for each in found:
            self.assertEqual(set(each), MEMBERS)

    def test_can_be_of_one_task(self):
        self.assertEqual({each["task"] for each in self.json("next", "a")}, {"a"})

    def test_can_be_shown_in_another_zone(self):
        found = self.json("next", "b", "--zone", "Asia/Tokyo", "--from", "2026-01-01T00:00:00Z", "-n", "1")
        self.assertEqual((found[0]["time"], found[0]["zone"]), ("2026-01-01T14:00:00+09:00", "Asia/Tokyo"))

    def test_shows_local_time_with_its_offset(self):
        out = self.ok("next", "--from", "2026-01-01T00:00:00Z", "-n", "2")
        self.assertIn("Thu 2026-01-01 06:00:00 +01:00", out)
        self.assertIn("g:a", out)
        self.assertIn("b: once at each start of the machine", out)

    def test_tells_entries_of_one_task_apart(self):
        self.crontab("0 6 * * *  a  list=x\n0 7 * * *  a  list=y note='two words'\n")
        lines = self.ok("next", "--from", "2026-01-01", "-n", "2").splitlines()
        self.assertRegex(lines[0], r"^TIME +DISTANCE +TASK +PARAMETERS +SCHEDULE +REMARK$")
        self.assertRegex(lines[1], r" a +list=x +0 6 \* \* \*$")
        self.assertRegex(lines[2], r" a +list=y note='two words' +0 7 \* \* \*$")
        self.assertEqual(set(self.json("next", "-n", "1")[0]), MEMBERS)
        self.crontab("0 6 * * *  a\n")
        self.assertNotIn("PARAMETERS", self.ok("next"))

    def test_names_the_zones_of_entries_that_differ(self):
        text = self.ok("next", "--from", "2026-01-01", "-n", "2")
        self.assertRegex(text, r"06:00:00 \+01:00  Europe/Berlin  ")
        self.assertRegex(text, r"06:00:00 \+00:00  UTC  ")
        self.assertNotIn("ZONE", self.ok("next", "b"))
        self.assertNotIn("ZONE", self.ok("next", "--zone", "Asia/Tokyo"))

    def test_of_a_task_without_entries_is_empty_and_of_no_task_an_error(self):
        self.task("idle", shell("true"))
        self.assertEqual(self.json("next", "idle"), [])
        answer = self.periodic("next", "idel")
        self.assertEqual((answer.code, answer.out), (1, ""))
        self.assertIn("did you mean 'idle'?", answer.err)

    def test_goes_on_past_broken_lines_and_exits_78(self):
        self.crontab("nonsense\n@daily a\n")
        answer = self.periodic("next", "-n", "1", "--output", "json")
        self.assertEqual(answer.code, 78, answer)
        self.assertEqual(len(answer.document), 1)
        self.assertIn("crontab:1:", answer.err)


if __name__ == "__main__":
    unittest.main()
