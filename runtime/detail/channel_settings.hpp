// The row channels.* of the table of settings, and the rows of one channel in it.
#pragma once

#include <brontes/runtime/channel_settings.hpp>
#include <brontes/runtime/setting.hpp>
#include <brontes/runtime/settings.hpp>
#include <string>
#include <vector>

namespace brontes::detail {

/// Bound to `settings`, which must outlive it.
Setting channels_row(Settings& settings);

/// "target", "tls.ca" and so on, bound to `channel`.
std::vector<Setting> channel_rows(ChannelSettings& channel);
/// "timeout", "retry.attempts" and so on, bound to `policy`.
std::vector<Setting> method_rows(MethodPolicy& policy);

/// What no row can see alone, one line each: "app.yaml:7: channels.orders.target: is missing".
std::vector<std::string> channel_mistakes(const Settings& settings);

/// The keys of a channel, as docs/calling.md has them.
std::string channel_keys_markdown();

}  // namespace brontes::detail
