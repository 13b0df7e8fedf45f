// Interceptors, metrics and admin pages of a node: what it is made of, put together.
#include <brontes/runtime/detail/node_state.hpp>
#include <brontes/runtime/interceptors/access_log.hpp>
#include <brontes/runtime/interceptors/call_metrics.hpp>
#include <brontes/runtime/interceptors/deadline.hpp>
#include <brontes/runtime/interceptors/load_reporter.hpp>
#include <brontes/runtime/interceptors/request_id.hpp>
#include <brontes/runtime/observability/cpu_share.hpp>
#include <brontes/runtime/observability/process_metrics.hpp>

namespace brontes {

Expected<detail::NodeChain> Node::State::make_chain() {
  detail::NodeChain chain;
  if (settings.metrics.enabled) {
    const auto calls = std::make_shared<CallMetrics>(settings.metrics.buckets);
    metrics->add_source([calls] { return calls->families(); });
    chain.append(calls);
  }
  if (settings.calls.report_load) {
    const auto share = std::make_shared<CpuShare>(system.clock().now());
    chain.append(std::make_shared<LoadReporter>(
        [share, &clock = system.clock()] { return share->at(clock.now()); }));
  }
  chain.append(std::make_shared<RequestId>());
  chain.append(std::make_shared<AccessLog>(settings.calls.log));
  chain.append(std::make_shared<Deadline>(
      system, DeadlineOptions{settings.calls.default_timeout, settings.calls.max_timeout}));
  if (authentication) chain.append(authentication);
  chain.append(validation);
  for (auto& [interceptor, before] : interceptors)
    if (Status status = chain.insert(interceptor, before); !status.ok())
      return fail(std::move(status));
  std::vector<const Method*> methods;
  for (const auto& [path, method] : table.rows()) methods.push_back(&method);
  for (const auto& plan : host_plans)
    for (const Method& method : plan.rows) methods.push_back(&method);
  Status status = chain.install(table, methods, settings.interceptors);
  if (!status.ok()) return fail(std::move(status));
  return chain;
}

Expected<std::string> Node::State::print_chain() {
  if (!mistake.ok()) return fail(mistake);
  const auto chain = make_chain();
  if (!chain) return fail(chain.error());
  for (auto& plan : host_plans)
    for (Method& method : plan.rows)
      if (Status status = table.add(std::move(method)); !status.ok())
        return fail(std::move(status));
  return chain->describe(table);
}

std::string Node::State::stage_name() const {
  const std::lock_guard lock(stage_mutex);
  switch (stage) {
    case Stage::kNew:
    case Stage::kStarting:
      return "starting";
    case Stage::kServing:
      return "told not to serve";  // by the application, through Node::health()
    case Stage::kStopping:
      return "draining";
    case Stage::kStopped:
      return "stopped";
  }
  return {};
}

Status Node::State::open_admin() {
  if (given_up) return {Errc::kCancelled, "the start was given up"};
  metrics->add_source(process_metrics);
  metrics->add_source([waiting = mailboxes] { return waiting->families(); });
  if (!settings.admin.enabled) return {};
  admin.emplace(detail::AdminPages{collector, health, [this] { return stage_name(); }});
  return admin->open(settings.admin.listen.to_string());
}

}  // namespace brontes
