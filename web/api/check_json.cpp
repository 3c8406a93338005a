#include "web/api/check_json.h"

#include "web/api/reply.h"

namespace sonde::web {
namespace {

constexpr std::string_view kNoHelper =
    "This host is no live appliance, so nothing here may change its kernel: each line says what to type.";

std::string_view word_of(Finding::State state) {
  static constexpr std::string_view kWords[] = {"bad", "watch", "unknown", "good"};
  return kWords[static_cast<int>(state)];
}

void write_finding(JsonWriter& out, const Finding& finding) {
  out.begin_object().field("id", finding.key).field("title", finding.title).field("state", word_of(finding.state));
  out.field("is", finding.is).field("should", finding.should).field("why", finding.why);
  out.field("how", finding.how).field("command", finding.command).key("rows").begin_array();
  for (const std::string_view row : finding.rows) out.value(row);
  out.end_array().end_object();
}

void write_row(JsonWriter& out, const TuningState& state) {
  out.begin_object().field("id", state.row->key).field("title", state.row->title).field("value", state.row->value);
  out.field("now", state.now).field("known", state.known).field("meets", state.meets);
  out.field("why", state.row->why).field("at_boot", state.row->at_boot).end_object();
}

}  // namespace

void write_check(JsonWriter& out, const FitnessReport& report, bool can_mend) {
  out.begin_object();
  time_field(out, "made", report.made);
  out.field("sentence", summary(report.findings)).key("stretch_s");
  if (report.stretch)
    out.value(to_seconds(report.stretch->length));
  else
    out.null();
  out.key("counts").begin_object();
  for (const auto state : {Finding::State::bad, Finding::State::watch, Finding::State::unknown, Finding::State::good})
    out.field(word_of(state), count(report.findings, state));
  out.end_object().field("can_mend", can_mend).field("mend_sentence", can_mend ? "" : kNoHelper);
  out.key("findings").begin_array();
  for (const Finding& finding : report.findings) write_finding(out, finding);
  out.end_array().key("tuning").begin_array();
  for (const TuningState& row : report.tuning) write_row(out, row);
  out.end_array().end_object();
}

void write_fitness_sum(JsonWriter& out, const FitnessReport* report) {
  if (report == nullptr) {
    out.null();
    return;
  }
  out.begin_object().field("sentence", summary(report->findings));
  out.field("bad", count(report->findings, Finding::State::bad));
  out.field("watch", count(report->findings, Finding::State::watch)).end_object();
}

}  // namespace sonde::web
