// What goes over the line between daemon and worker.

#include "worker/messages.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "worker/line.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

Job some_job() {
    Job job;
    job.id = 42;
    job.task = "report";
    job.claim = 7;
    job.phase = "sending";
    job.parameters = {{"to", "boss"}, {"n", Value("3", Value::Kind::Integer)}};
    job.scheduled = std::chrono::sys_seconds(1'800'000'000s);
    job.available = Time(1'800'000'000'123ms);
    job.exit_code = -1;
    job.state = JobState::Running;
    job.reason = Reason::Removed;
    return job;
}

std::string body_of(const Message& message) {
    return encode(message).value().substr(4);
}

TEST(Messages, ComeOutAsTheyWentIn) {
    Settlement end{.job = some_job(), .event = {.time = Time(5ms), .event = "retry", .by = "x"}};
    end.follow_ups = {some_job(), Job()};
    const auto read = decode(body_of(EndedMessage{.settlement = end, .memory = 5})).value();
    const auto& ended = std::get<EndedMessage>(read);
    EXPECT_EQ(ended.settlement.job, end.job);
    EXPECT_EQ(ended.settlement.event, end.event);
    EXPECT_EQ(ended.settlement.follow_ups, end.follow_ups);
    EXPECT_EQ(ended.memory, 5);
}

TEST(Messages, AnUpdateKeepsWhatIsNotSaid) {
    LiveUpdate update{.id = 1, .claim = 2, .response = std::string("\0\n", 2), .progress = 40};
    update.lines = {{.seq = 3, .time = Time(9ms), .level = LogLevel::Error, .text = "ä"}};
    const auto read = decode(body_of(SaidMessage{update})).value();
    const LiveUpdate& got = std::get<SaidMessage>(read).update;
    EXPECT_EQ(got.lines, update.lines);
    EXPECT_EQ(got.response, update.response);
    EXPECT_EQ(got.progress, 40);
    EXPECT_FALSE(got.message.has_value());
    EXPECT_FALSE(got.attributes.has_value());
}

TEST(Messages, EachCutIsRefused) {
    const std::string body = body_of(RunMessage{some_job()});
    for (std::size_t length = 0; length < body.size(); ++length)
        EXPECT_FALSE(decode(body.substr(0, length)).has_value()) << length;
    EXPECT_FALSE(decode(body + 'x').has_value()) << "a byte too many";
    EXPECT_TRUE(decode(body).has_value());
}

TEST(Messages, GarbageIsRefusedOrHarmless) {
    std::minstd_rand random{std::random_device{}()};
    const std::string good = body_of(EndedMessage{.settlement = {.job = some_job()}});
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = good;
        for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        refused += decode(bytes) ? 0 : 1;
    }
    EXPECT_GT(refused, 1000);
    EXPECT_FALSE(decode("").has_value());
    EXPECT_FALSE(decode("\xff").has_value()) << "there is no such message";
}

TEST(Messages, AnUnknownEnumeratorIsRefused) {
    std::string body = body_of(AskMessage{.id = 1, .claim = 2, .what = Reason::Removed});
    body[17] = static_cast<char>(static_cast<int>(Reason::Removed) + 1);
    EXPECT_FALSE(decode(body).has_value());
    body[17] = static_cast<char>(Reason::Removed);
    EXPECT_TRUE(decode(body).has_value());
}

TEST(Messages, WhatIsTooLongIsNotSent) {
    Job job = some_job();
    job.message.assign(kLongestMessage, 'x');
    EXPECT_FALSE(encode(RunMessage{job}).has_value());
}

TEST(Frames, AreFoundHoweverTheyAreCut) {
    const std::string bytes = encode(RunMessage{some_job()}).value() +
                              encode(DrainMessage{}).value() + encode(ReadyMessage{}).value();
    for (std::size_t step : {1U, 3U, 1000U}) {
        FrameReader reader;
        std::vector<std::size_t> kinds;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            reader.add(std::string_view(bytes).substr(at, step));
            while (const auto body = reader.next().value())
                kinds.push_back(decode(*body).value().index());
        }
        EXPECT_EQ(kinds,
                  (std::vector{Message(RunMessage{}).index(), Message(DrainMessage{}).index(),
                               Message(ReadyMessage{}).index()}));
    }
}

TEST(Frames, ALengthBeyondTheLongestIsRefusedAtOnce) {
    FrameReader reader;
    reader.add("\xff\xff\xff\xff");
    EXPECT_FALSE(reader.next().has_value());
}

TEST(Lines, CarryMessagesAndSeeTheEnd) {
    LinePair ends = make_line_pair().value();
    Line here(std::move(ends.daemon));
    std::vector<Message> got;
    {
        Line there(std::move(ends.worker));
        ASSERT_TRUE(there.send(ReadyMessage{}).has_value());
        ASSERT_TRUE(here.receive(got));
        ASSERT_TRUE(there.send(DrainMessage{}).has_value());
    }
    while (here.receive(got)) {
    }
    ASSERT_EQ(got.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<DrainMessage>(got[1]));
    EXPECT_TRUE(here.send(ReadyMessage{}).has_value()) << "nobody is there: no harm, no signal";
}

TEST(Lines, EndAtGarbage) {
    LinePair ends = make_line_pair().value();
    Line here(std::move(ends.daemon));
    ASSERT_EQ(::write(ends.worker.get(), "\x01\0\0\0\x7f", 5), 5);
    std::vector<Message> got;
    EXPECT_FALSE(here.receive(got));
}

}  // namespace
}  // namespace periodic
