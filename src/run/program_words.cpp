#include "run/program_words.hpp"

#include "run/program_output.hpp"

namespace periodic {

void ProgramWords::look() {
    look_at_response();
    look_at_output();
}

void ProgramWords::look_at_response() {
    if (files_.response_size() <= passed_on_) return;
    const std::string text = files_.read_response(passed_on_).text;
    const std::size_t lines = text.rfind('\n') + 1;  // 0 if there is none
    if (lines == 0) return;
    context_.respond(std::string_view(text).substr(0, lines));
    passed_on_ += lines;
}

// A line that is being written is looked at when it is whole; what is wrong is said at the end.
void ProgramWords::look_at_output() {
    if (files_.output_size() == output_.size()) return;
    output_ = files_.read_output().text;
    ProgramOutput said = parse_program_output(output_.substr(0, output_.rfind('\n') + 1));
    apply_live_output(said, context_);
}

void ProgramWords::finish() {
    // One that has become shorter was written anew.
    if (files_.response_size() < passed_on_) passed_on_ = 0;
    const ProgramText response = files_.read_response(passed_on_);
    if (!response.text.empty()) context_.respond(response.text);
    const ProgramText output = files_.read_output();
    apply_program_output(parse_program_output(output.text), context_);
    for (const std::string& problem : {response.problem, output.problem})
        if (!problem.empty()) context_.log(LogLevel::Warning, problem);
}

}  // namespace periodic
