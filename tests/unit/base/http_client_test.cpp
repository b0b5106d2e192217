#include "periodic/http_client.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

using ::testing::HasSubstr;

TEST(HttpClient, SaysThatItsModuleIsMissing) {
    const auto client = make_http_client({.module = "/not/there/periodic-http.so"});
    ASSERT_FALSE(client.has_value());
    EXPECT_EQ(client.error().code, ErrorCode::Unsupported);
    EXPECT_THAT(client.error().message, HasSubstr("there is no /not/there/periodic-http.so"));
    EXPECT_THAT(client.error().hint, HasSubstr("libcurl"));
}

TEST(HttpClient, SaysThatItsModuleIsSomethingElse) {
    const TemporaryDirectory directory;
    directory.write("periodic-http.so", "no library");
    const auto client = make_http_client({.module = directory.file("periodic-http.so")});
    ASSERT_FALSE(client.has_value());
    EXPECT_EQ(client.error().code, ErrorCode::Unsupported);
}

TEST(HttpClient, RefusesWhatIsNoRequest) {
    const auto client = make_http_client({.module = PERIODIC_HTTP_MODULE}).value();
    const auto refusal = [&](HttpRequest request) { return client->send(request).error().code; };
    EXPECT_EQ(refusal({.url = "file:///etc/passwd"}), ErrorCode::Usage);
    EXPECT_EQ(refusal({.url = "nonsense"}), ErrorCode::Usage);
    EXPECT_EQ(refusal({.method = "", .url = "http://localhost/"}), ErrorCode::Usage);
    EXPECT_EQ(refusal({.url = "http://localhost/", .headers = {{"A", "b\r\nC: d"}}}),
              ErrorCode::Usage);
    EXPECT_EQ(refusal({.url = "http://127.0.0.1:1/"}), ErrorCode::Io);
}

TEST(HttpClient, EndsBeforeItBeginsIfItIsAskedToEnd) {
    const auto client = make_http_client({.module = PERIODIC_HTTP_MODULE}).value();
    std::stop_source stop;
    stop.request_stop();
    const auto response = client->send({.url = "http://127.0.0.1:1/", .stop = stop.get_token()});
    EXPECT_THAT(response.error().message, HasSubstr("ended before"));
}

struct ShownCase {
    const char* reason;
    const char* url;
    const char* shown;
};

class ShownUrl : public ::testing::TestWithParam<ShownCase> {};

TEST_P(ShownUrl, HasNoSecrets) {
    EXPECT_EQ(shown_url(GetParam().url), GetParam().shown) << GetParam().reason;
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ShownUrl,
    ::testing::Values(
        ShownCase{"nothing to hide", "https://a.org:8080/b/c", "https://a.org:8080/b/c"},
        ShownCase{"user and password", "https://ann:pw@a.org/b", "https://a.org/b"},
        ShownCase{"an @ in the password", "https://ann:p@w@a.org/b", "https://a.org/b"},
        ShownCase{"an @ in the path stays", "https://a.org/@b", "https://a.org/@b"},
        ShownCase{"a query", "https://a.org/b?key=1", "https://a.org/b"},
        ShownCase{"a query without a path", "https://ann:pw@a.org?key=1", "https://a.org"},
        ShownCase{"a fragment", "https://a.org/#token=1", "https://a.org/"},
        ShownCase{"no scheme", "ann:pw@a.org/b", "a.org/b"}));

}  // namespace
}  // namespace periodic
