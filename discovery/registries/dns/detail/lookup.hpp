// The way from a service's name to its instances: which questions, and what their answers come to.
#pragma once

#include <brontes/discovery/instance.hpp>
#include <brontes/discovery/registries/dns/detail/decode.hpp>
#include <brontes/discovery/registries/dns/detail/domain.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::dns {

/// Those of the lowest priority: the others are for when none of these answers, which DNS's owner
/// must say by leaving them out. None if the service is said not to exist.
std::vector<SrvRecord> select(const std::vector<SrvRecord>& records);

/// The share of an instance: the record's weight; where all are 0, they are equal, and where some
/// are, these get the least.
std::uint32_t weight_of(const SrvRecord& record, const std::vector<SrvRecord>& among);

struct Found {
  std::vector<Instance> instances;
  std::chrono::seconds ttl{};  ///< the least on the way; 0 where something is not there
};

/// One look. SRV; where there is none, and a port is known, the name itself stands for all its
/// addresses. A host's IPv6 addresses are asked for when it has no IPv4 ones: it is one instance,
/// not two. What a server says is not there is not there; any other failure is that of the whole
/// look, as nobody may vanish by it. A value, no actor.
class Lookup {
 public:
  Lookup(const DnsOptions& options, std::string name, std::string version);

  /// What to ask first.
  std::vector<Question> begin();
  /// What to ask next. Each question has one answer, in any order.
  std::vector<Question> take(const Question& question, const Reply& reply);
  bool done() const { return asked_ == 0 || !trouble_.ok(); }
  /// When done.
  Expected<Found> result() const;

 private:
  struct Host {
    std::vector<SrvRecord> records;  ///< that name it
    std::vector<std::string> addresses;
  };

  std::vector<Question> ask(std::vector<Question> questions);
  std::vector<Question> take_srv(const Expected<Answer>& answer);
  std::vector<Question> take_addresses(const Question& question, const Expected<Answer>& answer);
  Instance instance(const std::string& host, const SrvRecord& record,
                    const std::string& address) const;

  std::string name_, version_, domain_, srv_domain_;
  std::uint16_t port_;
  std::map<std::string, Host> hosts_;
  std::vector<SrvRecord> selected_;
  std::size_t asked_ = 0;  ///< questions without an answer
  std::chrono::seconds ttl_ = std::chrono::hours(24);
  Status trouble_;
};

}  // namespace brontes::dns
