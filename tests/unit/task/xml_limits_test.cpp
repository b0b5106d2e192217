// What no well-meant file holds: it is refused soon, and with its place.

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "periodic/task.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using ::testing::HasSubstr;

TaskReading read(const std::string& xml) {
    return read_task(xml, "mail", "mail.xml", builtin_commands());
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

std::string numbered(const std::string& before, const std::string& after, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += before + std::to_string(i) + after;
    return all;
}

TEST(XmlLimits, OneMebibyteIsTheMost) {
    const std::string begin = "<task><command type='log'>";
    const std::string end = "</command></task>";
    const std::size_t most = (std::size_t{1} << 20U) - begin.size() - end.size();
    EXPECT_TRUE(read(begin + std::string(most, 'x') + end).task.has_value());
    const auto larger = read(begin + std::string(most + 1, 'x') + end);
    ASSERT_EQ(larger.problems.size(), 1U);
    EXPECT_THAT(larger.problems[0].error.message, HasSubstr("larger than 1 MiB"));
}

TEST(XmlLimits, SixtyFourLevelsAreTheMost) {
    const auto nested = [](int levels) {
        return "<task>" + repeated("<a>", levels - 1) + repeated("</a>", levels - 1) + "</task>";
    };
    EXPECT_THAT(read(nested(64)).problems.back().error.message, HasSubstr("unknown element <a>"));
    EXPECT_THAT(read(nested(65)).problems.at(0).error.message, HasSubstr("nested deeper than 64"));
    EXPECT_THAT(read(repeated("<a>", 300'000)).problems.at(0).error.message,
                HasSubstr("nested deeper"));
}

TEST(XmlLimits, AFileThatIsWrongAllOverGivesAHundredMistakesAndANote) {
    const auto reading = read("<task>" + repeated("<a/>\n", 5000) + "</task>");
    ASSERT_EQ(reading.problems.size(), 101U);
    EXPECT_EQ(reading.problems.front().error.line, 1U);
    EXPECT_THAT(reading.problems.back().error.message, HasSubstr("there are more mistakes"));
}

TEST(XmlLimits, ManyAttributesTakeNoQuadraticTime) {
    std::string xml = "<task";
    for (int i = 0; i < 60'000; ++i) xml += " a" + std::to_string(i) + "='1'";
    EXPECT_EQ(read(xml + "/>").problems.size(), 101U);
}

TEST(XmlLimits, ManyNamesTakeNoQuadraticTime) {
    EXPECT_TRUE(read("<task><parameters>" + numbered("<parameter name='p", "'/>", 12'000) +
                     "</parameters><command type='log'>x</command></task>")
                    .task.has_value());
    EXPECT_TRUE(read("<task><config><environment>" + numbered("<variable name='V", "'/>", 12'000) +
                     "</environment></config><command type='log'>x</command></task>")
                    .task.has_value());
    EXPECT_EQ(read("<task>" + numbered("<phase name='p", "'><next phase='q'/></phase>", 20'000) +
                   "</task>")
                  .problems.size(),
              101U);
}

TEST(XmlLimits, AnExcerptIsNeitherLongNorDangerous) {
    const auto long_line = read("<task>" + std::string(500, ' ') + "<a/></task>");
    EXPECT_EQ(long_line.problems.back().error.excerpt, "");
    EXPECT_EQ(long_line.problems.back().error.column, 507U);
    const auto escape = read("<task>\n<a/>\x1B[2J</task>");
    EXPECT_EQ(escape.problems.back().error.excerpt, "<a/>?[2J</task>");
}

TEST(XmlLimits, LinesEndInThreeWays) {
    EXPECT_EQ(
        read("<task>\r\n<command type='log'>x</command>\r\n<a/></task>").problems.at(0).error.line,
        3U);
    EXPECT_EQ(
        read("<task>\r<command type='log'>x</command>\r<a/></task>").problems.at(0).error.line, 3U);
    EXPECT_EQ(
        read("<task>\n\n<command type='log'>x</command><a/></task>").problems.at(0).error.line, 3U);
}

class TaskFiles : public ::testing::Test {
protected:
    TaskReading read_file_of(std::string_view name) {
        return read_task_file(directory_.path().string(), name, builtin_commands());
    }
    TemporaryDirectory directory_;
};

TEST_F(TaskFiles, AreFoundByTheirNames) {
    directory_.write("mail.xml", "<task><command type='log'>x</command></task>");
    directory_.write("notes.txt", "");
    directory_.write(".hidden.xml", "");
    directory_.write("a b.xml", "");
    directory_.write("backup.xml", "");
    EXPECT_THAT(task_names(directory_.path().string()).value(),
                ::testing::ElementsAre("backup", "mail"));
    const auto reading = read_file_of("mail");
    ASSERT_TRUE(reading.task.has_value());
    EXPECT_EQ(reading.task->name, "mail");
    EXPECT_EQ(reading.task->file, directory_.file("mail.xml"));
}

TEST_F(TaskFiles, SayWhichWasMeant) {
    directory_.write("mail.xml", "");
    const auto reading = read_file_of("mial");
    ASSERT_EQ(reading.problems.size(), 1U);
    EXPECT_EQ(reading.problems[0].error.code, ErrorCode::NotFound);
    EXPECT_EQ(reading.problems[0].error.hint, "did you mean 'mail'?");
}

TEST_F(TaskFiles, NeverLeaveTheirDirectory) {
    for (const char* name : {"../../etc/passwd", "..", "", "a/b", ".hidden"}) {
        const auto reading = read_file_of(name);
        ASSERT_EQ(reading.problems.size(), 1U);
        EXPECT_THAT(reading.problems[0].error.message, HasSubstr("can't name a task")) << name;
    }
}

TEST_F(TaskFiles, SayWhyOneCannotBeRead) {
    std::filesystem::create_directory(directory_.file("mail.xml"));
    EXPECT_EQ(read_file_of("mail").problems.at(0).error.code, ErrorCode::Invalid);
    directory_.write("large.xml", std::string((std::size_t{1} << 20U) + 1, ' '));
    EXPECT_EQ(read_file_of("large").problems.at(0).error.code, ErrorCode::Invalid);
    EXPECT_EQ(task_names(directory_.file("no")).error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace periodic
