#include "cli/exit_codes.hpp"

#include <gtest/gtest.h>

namespace periodic::cli {
namespace {

TEST(GraverCode, IsFirst74Then78Then1) {
    EXPECT_EQ(graver(kFailed, kBroken), kBroken);
    EXPECT_EQ(graver(kBroken, kStorage), kStorage);
    EXPECT_EQ(graver(kFine, kFailed), kFailed);
    EXPECT_EQ(graver(kLocked, kFine), kLocked);
    EXPECT_EQ(graver(kFine, kFine), kFine);
}

TEST(ExitCodeOfError, TellsWhatTheCallerCanDo) {
    EXPECT_EQ(exit_code_of(ErrorCode::Usage), 2);
    EXPECT_EQ(exit_code_of(ErrorCode::NotFound), 1);
    EXPECT_EQ(exit_code_of(ErrorCode::Conflict), 1);
    EXPECT_EQ(exit_code_of(ErrorCode::Io), 74);
    EXPECT_EQ(exit_code_of(ErrorCode::Locked), 75);
    EXPECT_EQ(exit_code_of(ErrorCode::Invalid), 78);
    EXPECT_EQ(exit_code_of(ErrorCode::Unsafe), 78);
}

}  // namespace
}  // namespace periodic::cli
