/// version: which Periodic this is.

#include "periodic/version.hpp"

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class Version final : public Subcommand {
public:
    void declare(Arguments&) override {}

    Result<int> execute(Session& session) override {
        if (session.json()) {
            JsonWriter json;
            json.object().key("name").text("periodic").key("version").text(kVersion).end();
            session.print(json.document());
        } else {
            session.print("periodic " + std::string(kVersion) + '\n');
        }
        return kFine;
    }
};

}  // namespace

const SubcommandType kVersionCommand{.name = "version",
                                     .summary = "Which version this is",
                                     .details = "",
                                     .examples = "periodic version\nperiodic version --output json",
                                     .make = &make_subcommand<Version>};

}  // namespace periodic::cli
