#include "task/xml_document.hpp"

#include <string>

#include <pugixml.hpp>

#include "task/xml_guard.hpp"

namespace periodic {
namespace {

// Copies pugixml's tree. The guard has seen the same elements and attributes in the same order.
class Copy {
public:
    Copy(const XmlOffsets& offsets, const Findings& findings)
        : offsets_(offsets), findings_(findings) {}

    // The guard has bounded the depth.
    ConfigElement element(const pugi::xml_node& node) {
        ConfigElement copy;
        copy.name = node.name();
        const Place place = findings_.place(offsets_.elements.at(element_++));
        copy.line = place.line;
        copy.column = place.column;
        for (const pugi::xml_attribute& attribute : node.attributes()) {
            const Place at = findings_.place(offsets_.attributes.at(attribute_++));
            copy.attributes.push_back({attribute.name(), attribute.value(), at.line, at.column});
        }
        for (const pugi::xml_node& child : node.children()) {
            if (child.type() == pugi::node_element) {
                copy.children.push_back(element(child));
            } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
                copy.text += child.value();
            }
        }
        return copy;
    }

private:
    const XmlOffsets& offsets_;
    const Findings& findings_;
    std::size_t element_ = 0;
    std::size_t attribute_ = 0;
};

}  // namespace

std::optional<ConfigElement> parse_xml(std::string_view text, Findings& findings) {
    if (text.size() > kLongestXml) {
        findings.error({1, 1}, "the file is larger than 1 MiB");
        return std::nullopt;
    }
    XmlOffsets offsets;
    if (!guard_xml(text, findings, offsets)) return std::nullopt;
    pugi::xml_document document;
    const auto parsed = document.load_buffer(
        text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
    if (!parsed) {
        findings.error(findings.place(static_cast<std::size_t>(parsed.offset)),
                       std::string("not XML: ") + parsed.description());
        return std::nullopt;
    }
    return Copy(offsets, findings).element(document.document_element());
}

}  // namespace periodic
