#include <algorithm>
#include <brontes/runtime/channel_settings.hpp>
#include <brontes/runtime/detail/balancing_settings.hpp>
#include <brontes/runtime/detail/channel_settings.hpp>
#include <brontes/runtime/settings.hpp>

namespace brontes {
namespace {

Status unknown_channel(const Settings& settings, const std::string& channel) {
  std::string names;
  for (const auto& [name, each] : settings.channels) names += (names.empty() ? "" : ", ") + name;
  return {Errc::kNotFound, "the settings have no channel '" + channel + "'" +
                               (names.empty() ? "" : "; they have " + names)};
}

Expected<BalancingOptions> balancing_of(const Settings& settings, const ChannelSettings& channel) {
  BalancingOptions options = settings.balancing;
  std::vector<Setting> rows;
  detail::add_balancing(rows, options);
  for (const auto& [member, text] : channel.balancing) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Setting& each) {
      return each.key == "balancing." + member;
    });
    if (row == rows.end())
      return fail(Errc::kInvalidArgument, "balancing." + member + ": no such setting");
    if (const Status status = row->assign("", text); !status.ok())
      return fail(status.code(), "balancing." + member + ": " + status.message());
  }
  return options;
}

std::vector<std::string> mistakes_of(const ChannelSettings& channel) {
  std::vector<std::string> mistakes;
  if (channel.target.empty()) mistakes.emplace_back("target: is missing");
  const ClientTls& tls = channel.tls_files;
  if (tls.certificate.empty() != tls.key.empty())
    mistakes.emplace_back(tls.key.empty()
                              ? "tls.cert: is set, but tls.key is not; set both or none"
                              : "tls.key: is set, but tls.cert is not; set both or none");
  if (!channel.tls && !(tls.ca + tls.certificate + tls.server_name).empty())
    mistakes.emplace_back("tls: means nothing without tls.enabled");
  if (const Status status = check(channel.methods); !status.ok())
    mistakes.push_back("methods." + status.message());
  return mistakes;
}

}  // namespace

std::vector<std::string> detail::channel_mistakes(const Settings& settings) {
  std::vector<std::string> lines;
  for (const auto& [name, channel] : settings.channels)
    for (const std::string& mistake : mistakes_of(channel))
      lines.push_back((channel.origin.empty() ? "" : channel.origin + ": ") + "channels." + name +
                      "." + mistake);
  return lines;
}

Expected<ChannelOptions> options_of(const Settings& settings, const std::string& channel) {
  const auto at = settings.channels.find(channel);
  if (at == settings.channels.end()) return fail(unknown_channel(settings, channel));
  const ChannelSettings& said = at->second;
  auto balancing = balancing_of(settings, said);
  if (!balancing)
    return fail(balancing.error().code(),
                "channels." + channel + "." + balancing.error().message());
  ChannelOptions options;
  options.balancing = std::move(*balancing);
  options.methods = said.methods;
  options.retry_budget = said.retry_budget;
  options.hedge_budget = said.hedge_budget;
  options.deadline_margin = said.deadline_margin.value_or(settings.calls.deadline_margin);
  options.max_waiting_calls = static_cast<std::size_t>(said.max_waiting_calls);
  options.call_metadata = said.metadata;
  options.service = said.service;
  if (said.tls) options.tls = said.tls_files;
  return options;
}

}  // namespace brontes
