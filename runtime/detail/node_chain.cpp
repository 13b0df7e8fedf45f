#include <algorithm>
#include <brontes/runtime/detail/node_chain.hpp>
#include <brontes/runtime/detail/setting_sources.hpp>
#include <utility>

namespace brontes::detail {
namespace {

using Entries = std::vector<std::string>;

std::string join(const Entries& entries) {
  std::string all;
  for (const auto& entry : entries) all += (all.empty() ? "" : ", ") + entry;
  return all;
}

std::string from(const std::string& origin) { return origin.empty() ? "" : " (" + origin + ")"; }

std::string why(const InterceptorSettings& selected) {
  std::string text;
  if (!selected.only.empty()) text = "only " + join(selected.only) + from(selected.only_origin);
  if (!selected.except.empty())
    text += (text.empty() ? "" : ", ") + ("except " + join(selected.except)) +
            from(selected.except_origin);
  return text.empty() ? "every method" : text;
}

/// Entries that name nothing, each as a line.
void check_entries(const std::string& key, const std::string& origin, const Entries& entries,
                   const std::set<std::string>& known, Entries& mistakes) {
  const Entries names(known.begin(), known.end());
  for (const std::string& entry : entries) {
    const std::string name = entry.starts_with('/') ? entry.substr(1) : entry;
    if (known.contains(name)) continue;
    mistakes.push_back((origin.empty() ? "" : origin + ": ") + "interceptors." + key + ": '" +
                       entry + "' is no service or method of this node" + suggestion(name, names));
  }
}

}  // namespace

void NodeChain::append(std::shared_ptr<Interceptor> interceptor) {
  planned_.push_back({std::move(interceptor)});
}

Status NodeChain::insert(std::shared_ptr<Interceptor> interceptor, const std::string& before) {
  const auto at = std::find_if(planned_.begin(), planned_.end(), [&](const Planned& planned) {
    return planned.interceptor->name() == before;
  });
  if (at == planned_.end())
    return {Errc::kInvalidArgument, std::string("intercept ") + interceptor->name() +
                                        ": there is no '" + before + "' to put it in front of"};
  planned_.insert(at, {std::move(interceptor)});
  return {};
}

Entries NodeChain::unknown(const std::set<std::string>& methods,
                           const std::map<std::string, InterceptorSettings>& settings) const {
  Entries names, mistakes;
  for (const Planned& planned : planned_) names.emplace_back(planned.interceptor->name());
  for (const auto& [name, selected] : settings) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const bool is_only = !selected.only_origin.empty();
      const std::string& origin = is_only ? selected.only_origin : selected.except_origin;
      mistakes.push_back((origin.empty() ? "" : origin + ": ") + "interceptors." + name +
                         ": this node has no interceptor of that name" + suggestion(name, names) +
                         "; it has " + join(names));
      continue;
    }
    check_entries(name + ".only", selected.only_origin, selected.only, methods, mistakes);
    check_entries(name + ".except", selected.except_origin, selected.except, methods, mistakes);
  }
  return mistakes;
}

Status NodeChain::install(MethodTable& table, const std::vector<const Method*>& methods,
                          const std::map<std::string, InterceptorSettings>& settings) {
  std::set<std::string> known;
  for (const Method* method : methods) {
    known.emplace(method->path.substr(1));
    known.emplace(method->service());
  }
  std::string text;
  for (const auto& mistake : unknown(known, settings)) text += (text.empty() ? "" : "\n") + mistake;
  if (!text.empty()) return {Errc::kInvalidArgument, text};
  for (Planned& planned : planned_) {
    const auto selected = settings.find(planned.interceptor->name());
    Selection selection;
    if (selected != settings.end()) {
      selection = {selected->second.only, selected->second.except};
      planned.why = why(selected->second);
    }
    table.intercept(planned.interceptor, std::move(selection));
  }
  return {};
}

std::string NodeChain::describe(const MethodTable& table) const {
  std::string text;
  for (const auto& [path, method] : table.rows()) {
    text += std::string(path) + "\n";
    auto at = method.chain.all.begin();
    for (const Planned& planned : planned_) {
      const std::string name = planned.interceptor->name();
      if (at == method.chain.all.end() || (*at)->name() != name) continue;
      // Its own choice, by the type of the request.
      const bool chose = *at != planned.interceptor && name == "validation";
      const std::string reason =
          chose ? method.request->GetTypeName() + " has a validator" : planned.why;
      text += fmt::format("  {:<16} {}\n", name, reason);
      ++at;
    }
  }
  return text;
}

}  // namespace brontes::detail
