// Values that the configuration writes as strings: how each is read and written. Pure; used by config_keys.h alone.
#pragma once

#include <string>
#include <string_view>

#include "proxy/settings.h"

namespace understudy {

// read: fills `value` and gives "", or gives what is wrong and the remedy and leaves `value` alone. write: the reverse.
template <class T>
struct TextForm {
  std::string (*read)(std::string_view text, T& value);
  std::string (*write)(const T& value);
};

extern const TextForm<ListenAddress> listen_form;
extern const TextForm<ListenAddress> admin_listen_form;  // "" = none
extern const TextForm<Url> url_form;
extern const TextForm<Url> optional_url_form;           // "" = none
extern const TextForm<std::string> optional_host_form;  // "" = none
extern const TextForm<CopyOrder> order_form;
extern const TextForm<StickyKey> sticky_form;  // "" = none
extern const TextForm<diff::ArrayMode> arrays_form;
extern const TextForm<diff::DifferenceClass> class_form;
extern const TextForm<bool> log_format_form;  // json?

extern const TextForm<std::string> any_text_form;
extern const TextForm<std::string> log_level_form;
extern const TextForm<std::string> path_glob_form;
extern const TextForm<std::string> method_form;
extern const TextForm<std::string> mirror_host_form;
extern const TextForm<std::string> marker_form;             // "" = none
extern const TextForm<std::string> copied_field_name_form;  // of mirror.headers
extern const TextForm<std::string> field_value_form;
extern const TextForm<std::string> optional_field_name_form;  // "" = none
extern const TextForm<std::string> run_name_form;             // "" = none
extern const TextForm<std::string> endpoint_template_form;
extern const TextForm<std::string> ignored_endpoint_form;  // "" = every endpoint
extern const TextForm<std::string> ignored_path_form;
extern const TextForm<std::string> redaction_form;
extern const TextForm<std::string> token_form;  // "" = none

}  // namespace understudy
