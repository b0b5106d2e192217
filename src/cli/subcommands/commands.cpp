/// commands: what a task can be made of.

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"

namespace periodic::cli {
namespace {

// How a child is written in a task file.
std::string written(const CommandChild& child) {
    return child.attribute ? child.name + "=\"...\"" : '<' + child.name + '>';
}

std::string remarks(const CommandChild& child) {
    std::string text = child.doc;
    if (child.required) text += " Required.";
    if (child.repeatable) text += " Any number.";
    if (!child.default_value.empty()) text += " Default: " + child.default_value + '.';
    return text;
}

std::string reference(const CommandType& type, const Terminal& terminal) {
    constexpr std::size_t kIndent = 24;
    const std::size_t columns = terminal.width == 0 ? 100 : terminal.width;
    std::string text = bold(terminal, type.name) + "\n  " + type.summary + ".\n";
    if (type.takes_text) text += "  Takes its text.\n";
    for (const auto& child : type.children) {
        std::string line = "    " + written(child);
        line.append(line.size() + 2 > kIndent ? 2 : kIndent - line.size(), ' ');
        text += wrapped(line + remarks(child), columns, kIndent) + '\n';
    }
    for (const auto& example : type.examples) {
        text += "  Example:\n    " + wrapped(example, 10'000, 4) + '\n';
    }
    return text;
}

void write(JsonWriter& json, const CommandType& type) {
    json.object().key("name").text(type.name).key("summary").text(type.summary);
    json.key("takes_text").boolean(type.takes_text).key("children").array();
    for (const auto& child : type.children) {
        json.object().key("name").text(child.name).key("required").boolean(child.required);
        json.key("default").text_or_null(child.default_value).key("doc").text(child.doc);
        json.key("attribute").boolean(child.attribute);
        json.key("repeatable").boolean(child.repeatable).end();
    }
    json.end().key("examples").array();
    for (const auto& example : type.examples) json.text(example);
    json.end().end();
}

class Commands final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.optional("COMMAND", name_); }

    Result<int> execute(Session& session) override {
        std::vector<const CommandType*> types = session.commands().all();
        if (name_) {
            const auto* type = session.commands().find(*name_);
            if (type == nullptr) return unknown(session.commands());
            types = {type};
        }
        session.print(session.json() ? document(types) : text(types, session.out()));
        return kFine;
    }

private:
    [[nodiscard]] Failure unknown(const CommandRegistry& registry) const {
        const auto nearest = nearest_word(*name_, registry.names());
        return failure(ErrorCode::NotFound, "there is no command '" + *name_ + "'",
                       nearest.empty() ? "'periodic commands' lists them"
                                       : "did you mean '" + std::string(nearest) + "'?");
    }

    [[nodiscard]] static std::string document(const std::vector<const CommandType*>& types) {
        JsonWriter json;
        json.array();
        for (const auto* type : types) write(json, *type);
        return json.end().document();
    }

    [[nodiscard]] std::string text(const std::vector<const CommandType*>& types,
                                   const Terminal& terminal) const {
        if (name_) return reference(*types.front(), terminal);
        Table table({"COMMAND", "WHAT IT DOES"});
        for (const auto* type : types) table.add({type->name, type->summary});
        return table.text(terminal) + "\n'periodic commands COMMAND' says what it takes.\n";
    }

    std::optional<std::string> name_{};
};

}  // namespace

const SubcommandType kCommandsCommand{
    .name = "commands",
    .summary = "What a task's <command> elements can be",
    .details = "With a name: what that command takes, and examples.",
    .examples = "periodic commands\nperiodic commands fs.copy\nperiodic commands --output json",
    .make = &make_subcommand<Commands>};

}  // namespace periodic::cli
