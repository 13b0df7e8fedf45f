#include <algorithm>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/registries/dns/detail/lookup.hpp>
#include <set>
#include <utility>

namespace brontes::dns {

const char* to_string(RecordType type) {
  return type == RecordType::kSrv ? "SRV" : type == RecordType::kA ? "A" : "AAAA";
}

std::vector<SrvRecord> select(const std::vector<SrvRecord>& records) {
  std::vector<SrvRecord> chosen;
  for (const SrvRecord& record : records) {
    if (record.host.empty() || record.port == 0) continue;
    if (!chosen.empty() && record.priority < chosen.front().priority) chosen.clear();
    if (chosen.empty() || record.priority == chosen.front().priority) chosen.push_back(record);
  }
  return chosen;
}

std::uint32_t weight_of(const SrvRecord& record, const std::vector<SrvRecord>& among) {
  const bool equal = std::all_of(among.begin(), among.end(),
                                 [](const SrvRecord& each) { return each.weight == 0; });
  return equal ? 100 : std::max<std::uint32_t>(1, record.weight);
}

Lookup::Lookup(const DnsOptions& options, std::string name, std::string version)
    : name_(std::move(name)),
      version_(std::move(version)),
      domain_(domain_of(name_, version_, options.suffix)),
      srv_domain_(options.srv.empty() ? domain_ : options.srv + "." + domain_),
      port_(options.port) {}

std::vector<Question> Lookup::ask(std::vector<Question> questions) {
  asked_ += questions.size();
  return questions;
}

std::vector<Question> Lookup::begin() { return ask({{srv_domain_, RecordType::kSrv}}); }

std::vector<Question> Lookup::take(const Question& question, const Reply& reply) {
  --asked_;
  if (!trouble_.ok()) return {};
  const auto answer = reply.status.ok() ? decode(reply.message, question.type)
                                        : Expected<Answer>(fail(reply.status));
  if (!answer && answer.error().code() != Errc::kNotFound) {
    trouble_ = {answer.error().code(), std::string("ask DNS for ") + to_string(question.type) +
                                           " of " + question.name + ": " +
                                           answer.error().message()};
    return {};
  }
  ttl_ = std::min(ttl_, answer ? answer->ttl : std::chrono::seconds(0));
  return question.type == RecordType::kSrv ? take_srv(answer) : take_addresses(question, answer);
}

std::vector<Question> Lookup::take_srv(const Expected<Answer>& answer) {
  if (!answer && port_ == 0) return {};
  if (!answer) {
    ttl_ = std::chrono::hours(24);  // that there is no SRV record is no news worth asking for
    selected_ = {{domain_, port_, 0, 0}};
  } else {
    selected_ = select(answer->srv);
  }
  std::vector<Question> questions;
  for (const SrvRecord& record : selected_) {
    Host& host = hosts_[record.host];
    if (host.records.empty()) questions.push_back({record.host, RecordType::kA});
    host.records.push_back(record);
  }
  return ask(std::move(questions));
}

std::vector<Question> Lookup::take_addresses(const Question& question,
                                             const Expected<Answer>& answer) {
  if (answer) {
    hosts_[question.name].addresses = answer->addresses;
    return {};
  }
  if (question.type == RecordType::kAaaa) return {};
  return ask({{question.name, RecordType::kAaaa}});
}

Instance Lookup::instance(const std::string& host, const SrvRecord& record,
                          const std::string& address) const {
  Instance instance;
  instance.name = name_;
  instance.version = version_;
  instance.naming_address = host;
  instance.address = instance.instance_id = HostPort{address, record.port}.to_string();
  instance.weight = weight_of(record, selected_);
  return instance;
}

Expected<Found> Lookup::result() const {
  if (!trouble_.ok()) return fail(trouble_);
  Found found{{}, ttl_};
  std::set<std::string> seen;
  for (const auto& [name, host] : hosts_)
    for (const SrvRecord& record : host.records)
      for (const std::string& address : host.addresses)
        if (Instance one = instance(name, record, address); seen.insert(one.address).second)
          found.instances.push_back(std::move(one));
  return found;
}

}  // namespace brontes::dns
