#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"
#include "web/http.h"
#include "web/view.h"

namespace sonde::web {

/// Reads a request's JSON object. The first thing that is wrong is kept and told by finish(); what is read after it is
/// a default. Names that nobody asked for are refused by finish().
class Fields {
 public:
  explicit Fields(const Json& object, std::string prefix = "");

  bool has(std::string_view name);
  std::string text(std::string_view name, std::string standard = "");
  std::string needed_text(std::string_view name);
  bool flag(std::string_view name, bool standard = false);
  std::int64_t whole(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t standard = 0);
  /// null and absent are empty.
  std::optional<double> number(std::string_view name, double least, double most);
  Duration duration(std::string_view name);
  std::optional<UtcTime> time(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t most);
  /// One of the words; gives the index. `standard` where absent; none = it must be there.
  std::size_t word(std::string_view name, std::span<const std::string_view> words,
                   std::optional<std::size_t> standard = {});
  /// An inner object; an empty one when absent. Its problem is taken by join().
  Fields object(std::string_view name);
  const Json* list(std::string_view name, std::size_t most);
  /// All members as text: option names to their words.
  std::map<std::string, std::string> words(std::string_view name);

  void refuse(std::string_view name, std::string sentence);
  void must(std::string_view name);
  void join(Fields& inner);
  std::optional<Problem> finish();

 private:
  const Json* find(std::string_view name);
  const Json* find(std::string_view name, Json::Kind kind, std::string_view allowed);
  std::string path(std::string_view name) const { return prefix_ + std::string(name); }
  const Json& object_;
  std::string prefix_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Problem> problem_;
};

/// The same for a query.
class Query {
 public:
  explicit Query(const HttpRequest& request) : query_(request.query) {}
  std::string text(std::string_view name);
  std::optional<UtcTime> time(std::string_view name);
  std::int64_t whole(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t standard);
  std::optional<Duration> duration(std::string_view name);
  std::string word(std::string_view name, std::span<const std::string_view> words, std::string standard);
  std::optional<Direction> direction();
  bool csv();  ///< format=csv
  /// from and to: by default the day before `now`.
  TimeRange range(UtcTime now);
  void refuse(std::string_view name, std::string sentence);
  std::optional<Problem> finish();

 private:
  const std::string* find(std::string_view name);
  const std::map<std::string, std::string>& query_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Problem> problem_;
};

}  // namespace sonde::web
