// The parser and the schema look at the same files, and agree but for what only the parser can
// know.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/files.hpp"
#include "periodic/task.hpp"

namespace periodic {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = PERIODIC_SOURCE_DIR;
const fs::path kFiles = kRoot / "tests/task_files";

std::vector<fs::path> xml_files(const fs::path& directory) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == ".xml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

TaskReading parse(const fs::path& file) {
    return read_task(read_file(file.string(), kLongestTaskFile).value(), file.stem().string(),
                     file.string(), builtin_commands());
}

// `LINE:COLUMN message` of each problem.
std::vector<std::string> findings(const TaskReading& reading) {
    std::vector<std::string> lines;
    for (const Problem& each : reading.problems) {
        const Error& error = each.error;
        lines.push_back(std::to_string(error.line) + ':' + std::to_string(error.column) + ' ' +
                        error.message);
    }
    return lines;
}

bool schema_takes(const fs::path& file) {
    const std::string command = "xmllint --noout --nonet --schema '" +
                                (kRoot / "share/periodic/task.xsd").string() + "' '" +
                                file.string() + "' >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    // 3: not valid by the schema; 1: not well-formed. Else xmllint itself is missing or broken.
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    EXPECT_TRUE(code == 0 || code == 1 || code == 3) << command << " exits with " << code;
    return code == 0;
}

// File -> what the parser says of it.
std::map<std::string, std::vector<std::string>> expectations() {
    std::map<std::string, std::vector<std::string>> expected;
    std::ifstream in(kFiles / "bad/expected.txt");
    std::string file;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') continue;
        if (line.front() != ' ') {
            file = line;
            expected[file];
        } else {
            expected[file].push_back(line.substr(2));
        }
    }
    return expected;
}

std::map<std::string, std::string> parser_only() {
    std::map<std::string, std::string> reasons;
    std::ifstream in(kFiles / "parser_only.txt");
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') continue;
        const std::size_t colon = line.find(':');
        reasons[line.substr(0, colon)] = line.substr(colon + 1);
    }
    return reasons;
}

std::string name_of(const ::testing::TestParamInfo<fs::path>& info) {
    std::string name = info.param.stem().string();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

class GoodTaskFile : public ::testing::TestWithParam<fs::path> {};

TEST_P(GoodTaskFile, IsTakenByTheParserAndTheSchema) {
    const TaskReading reading = parse(GetParam());
    EXPECT_THAT(findings(reading), ::testing::IsEmpty());
    EXPECT_TRUE(reading.task.has_value());
    EXPECT_TRUE(schema_takes(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Written, GoodTaskFile, ::testing::ValuesIn(xml_files(kFiles / "good")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Ready, GoodTaskFile, ::testing::ValuesIn(xml_files(kRoot / "tasks")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Original, GoodTaskFile,
                         ::testing::ValuesIn(xml_files(kRoot / "examples/original/tasks")),
                         name_of);

class BadTaskFile : public ::testing::TestWithParam<fs::path> {};

TEST_P(BadTaskFile, IsRefusedWithEachMistakeAtItsPlace) {
    const TaskReading reading = parse(GetParam());
    EXPECT_FALSE(reading.task.has_value());
    const auto expected = expectations()[GetParam().filename().string()];
    ASSERT_FALSE(expected.empty()) << "bad/expected.txt says nothing of it";
    std::vector<::testing::Matcher<std::string>> beginnings;
    for (const auto& line : expected) beginnings.emplace_back(::testing::StartsWith(line));
    EXPECT_THAT(findings(reading), ::testing::ElementsAreArray(beginnings));
}

TEST_P(BadTaskFile, IsRefusedByTheSchemaTooUnlessListed) {
    const auto listed = parser_only();
    EXPECT_EQ(schema_takes(GetParam()), listed.count(GetParam().filename().string()) != 0);
}

INSTANTIATE_TEST_SUITE_P(Written, BadTaskFile, ::testing::ValuesIn(xml_files(kFiles / "bad")),
                         name_of);

}  // namespace
}  // namespace periodic
