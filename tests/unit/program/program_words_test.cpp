#include "run/program_words.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "recording_context.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

class ProgramWordsTest : public ::testing::Test {
protected:
    static void append(const std::string& path, const std::string& text) {
        std::ofstream(path, std::ios::app) << text;
    }
    static void write(const std::string& path, const std::string& text) {
        std::ofstream(path, std::ios::trunc) << text;
    }

    TemporaryDirectory directory_;
    RecordingContext context_;
    ProgramFiles files_{directory_.path(), "{}", std::nullopt};
    ProgramWords words_{files_, context_};
};

TEST_F(ProgramWordsTest, PassesAResponseOnLineByLineAndOnce) {
    append(files_.response(), "one\ntw");
    words_.look();
    EXPECT_EQ(context_.response, "one\n");
    words_.look();
    append(files_.response(), "o\n");
    words_.look();
    EXPECT_EQ(context_.response, "one\ntwo\n");
    append(files_.response(), "three");
    words_.look();
    words_.finish();
    EXPECT_EQ(context_.response, "one\ntwo\nthree");
}

TEST_F(ProgramWordsTest, PassesAResponseThatWasWrittenAnewOnWhole) {
    append(files_.response(), "a long first try\n");
    words_.look();
    write(files_.response(), "short\n");
    words_.finish();
    EXPECT_EQ(context_.response, "a long first try\nshort\n");
}

TEST_F(ProgramWordsTest, SaysHowFarItIsWhileItRuns) {
    append(files_.output(), "progress=40\nmessage=half way\nprogress=9");
    words_.look();
    EXPECT_EQ(context_.progress, 40);
    EXPECT_EQ(context_.message, "half way");
    append(files_.output(), "0\n");
    words_.look();
    EXPECT_EQ(context_.progress, 90);
}

TEST_F(ProgramWordsTest, LetsWhatDecidesWaitForTheEnd) {
    append(files_.output(), "phase=next\nparameter.n=7\ndelete=true\n");
    words_.look();
    EXPECT_EQ(context_.next_phase, "");
    EXPECT_TRUE(context_.parameters_.empty());
    EXPECT_FALSE(context_.deleted);
    words_.finish();
    EXPECT_EQ(context_.next_phase, "next");
    EXPECT_EQ(context_.parameters_.at("n").text, "7");
    EXPECT_TRUE(context_.deleted);
}

TEST_F(ProgramWordsTest, ComplainsAtTheEndAndOnce) {
    append(files_.output(), "progress=much\nmessage<<END\nnever ended\n");
    words_.look();
    words_.look();
    EXPECT_TRUE(context_.lines.empty());
    words_.finish();
    EXPECT_EQ(context_.lines.size(), 3U);
}

}  // namespace
}  // namespace periodic
