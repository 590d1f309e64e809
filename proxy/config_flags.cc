// The flags of `run` and `check` over the values of the file. Called by config.cc. A flag obeys the same rules as its
// key.
#include <cmath>
#include <string>

#include "proxy/config_draft.h"
#include "proxy/config_keys.h"

namespace understudy {
namespace {

template <class T>
void override_text(const std::optional<std::string>& text, const char* flag, const char* key, T& value,
                   const TextForm<T>& form, ConfigDraft& draft) {
  if (!text) return;
  draft.flags[key] = flag;
  std::string problem = form.read(*text, value);
  if (!problem.empty()) draft.mistake(key, std::move(problem));
}

template <class T>
void override_texts(const std::vector<std::string>& texts, const char* flag, const char* key, std::vector<T>& values,
                    const TextForm<T>& form, ConfigDraft& draft) {
  draft.flags[key] = flag;
  values.clear();
  for (const std::string& text : texts) {
    T value{};
    std::string problem = form.read(text, value);
    if (problem.empty()) {
      values.push_back(std::move(value));
    } else {
      draft.mistake(key, std::move(problem));
    }
  }
}

// "GET, POST" -> its elements.
std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> result;
  while (!list.empty()) {
    std::string_view element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), element.size() + 1));
    while (element.starts_with(' ')) element.remove_prefix(1);
    while (element.ends_with(' ')) element.remove_suffix(1);
    result.emplace_back(element);
  }
  return result;
}

template <class T, class U>
void override_number(const std::optional<U>& number, const char* flag, const char* key, T& value, Range range,
                     ConfigDraft& draft) {
  if (!number) return;
  draft.flags[key] = flag;
  const auto given = static_cast<double>(*number);
  if (given >= range.least && given <= range.most) {
    value = *number;
  } else {
    draft.mistake(key, "is out of range; write a number from " + std::to_string(std::llround(range.least)) + " to " +
                           std::to_string(std::llround(range.most)));
  }
}

}  // namespace

void apply_overrides(const Overrides& overrides, ConfigDraft& draft) {
  Settings& settings = draft.settings;
  if (!overrides.listen.empty()) {
    override_texts(overrides.listen, "--listen", "server.listen", settings.server.listen, listen_form, draft);
  }
  override_text(overrides.primary, "--primary", "primary.url", settings.primary.url, url_form, draft);
  override_text(overrides.candidate, "--candidate", "candidate.url", settings.candidate.url, url_form, draft);
  override_text(overrides.secondary, "--secondary", "secondary.url", settings.secondary.url, optional_url_form, draft);
  override_text(overrides.admin, "--admin", "admin.listen", settings.admin.listen, admin_listen_form, draft);
  override_text(overrides.store, "--store", "store.path", settings.store.path, any_text_form, draft);
  override_text(overrides.run, "--run", "candidate.run", settings.candidate.run, run_name_form, draft);
  if (overrides.methods) {
    override_texts(split_list(*overrides.methods), "--methods", "mirror.methods", settings.mirror.methods, method_form,
                   draft);
    if (settings.mirror.methods.empty()) draft.mistake("mirror.methods", "names no method; write for example GET,HEAD");
  }
  override_number(overrides.percent, "--percent", "mirror.percent", settings.mirror.percent, percent_range, draft);
  override_number(overrides.threads, "--threads", "server.threads", settings.server.threads, threads_range, draft);
}

}  // namespace understudy
