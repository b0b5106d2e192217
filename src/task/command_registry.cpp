#include "periodic/command_registry.hpp"

#include <algorithm>

namespace periodic {
namespace {

bool is_command_name(std::string_view name) {
    return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                      c == '-';
           });
}

Result<void> check_name(std::string_view name) {
    if (is_command_name(name)) return {};
    return failure(ErrorCode::Usage, "'" + std::string(name) + "' can't name a command",
                   "a small letter, then small letters, digits, '.', '_' or '-'");
}

}  // namespace

Result<const CommandType*> CommandRegistry::add(CommandType type) {
    if (auto named = check_name(type.name); !named) return Failure(named.error());
    if (type.create == nullptr) {
        return failure(ErrorCode::Usage, "the command " + type.name + " has no factory");
    }
    std::vector<std::string_view> wanted{type.name};
    for (const auto& alias : type.aliases) {
        if (auto named = check_name(alias); !named) return Failure(named.error());
        wanted.push_back(alias);
    }
    for (auto name = wanted.begin(); name != wanted.end(); ++name) {
        if (find(*name) != nullptr || std::find(wanted.begin(), name, *name) != name) {
            return failure(ErrorCode::Conflict, "there is already a command " + std::string(*name));
        }
    }
    for (const auto& alias : type.aliases) aliases_.emplace(alias, type.name);
    std::string name = type.name;
    return &types_.emplace(std::move(name), std::move(type)).first->second;
}

Result<const CommandType*> CommandRegistry::add_alias(std::string alias, std::string_view name) {
    if (auto named = check_name(alias); !named) return Failure(named.error());
    if (find(alias) != nullptr) {
        return failure(ErrorCode::Conflict, "there is already a command " + alias);
    }
    const CommandType* const type = find(name);
    if (type == nullptr) {
        return failure(ErrorCode::NotFound, "there is no command " + std::string(name));
    }
    aliases_.emplace(std::move(alias), type->name);
    return type;
}

const CommandType* CommandRegistry::find(std::string_view name) const noexcept {
    const auto type = types_.find(name);
    if (type != types_.end()) return &type->second;
    const auto alias = aliases_.find(name);
    return alias == aliases_.end() ? nullptr : &types_.find(alias->second)->second;
}

std::vector<const CommandType*> CommandRegistry::all() const {
    std::vector<const CommandType*> all;
    all.reserve(types_.size());
    for (const auto& [name, type] : types_) all.push_back(&type);
    return all;
}

std::vector<std::string_view> CommandRegistry::names() const {
    std::vector<std::string_view> names;
    names.reserve(types_.size() + aliases_.size());
    for (const auto& [name, type] : types_) names.push_back(name);
    for (const auto& [alias, name] : aliases_) names.push_back(alias);
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace periodic
