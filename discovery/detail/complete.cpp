#include <brontes/discovery/address.hpp>
#include <brontes/discovery/detail/announcement_state.hpp>
#include <random>

namespace brontes::detail {
namespace {

/// A UUID of version 4 as Go's side of hephfx writes it: 32 hex digits, no dashes.
std::string new_instance_id(std::random_device& random) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 32; ++i) id += kHex[random() & 15];
  id[12] = '4';
  id[16] = kHex[8 + (random() & 3)];
  return id;
}

}  // namespace

Expected<Instance> complete(Instance instance, System& system) {
  std::random_device random;
  if (instance.instance_id.empty()) instance.instance_id = new_instance_id(random);
  if (instance.weight == 0) instance.weight = 100;
  if (incarnation(instance) == 0) {
    const auto since_epoch = system.clock().wall().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    const std::uint64_t number = (static_cast<std::uint64_t>(ms) << 16) | (random() & 0xFFFF);
    instance.metadata["brontes.incarnation"] = std::to_string(number);
  }
  auto address = dialable_address(instance.address);
  if (!address) return fail(address.error());
  instance.address = std::move(*address);
  if (Status status = validate(instance); !status.ok()) return fail(std::move(status));
  return instance;
}

}  // namespace brontes::detail
