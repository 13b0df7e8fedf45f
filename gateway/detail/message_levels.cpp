#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <brontes/gateway/detail/message_levels.hpp>
#include <vector>

namespace brontes::detail {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool nests_at_most(const Message& message, int most) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (!field->message_type()) continue;
    if (most == 0) return false;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i)
      if (!nests_at_most(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                              : reflection.GetMessage(message, field),
                         most - 1))
        return false;
  }
  return true;
}

std::string nested_too_deep() {
  return "nested deeper than " + std::to_string(kMostLevels) + " messages";
}

}  // namespace brontes::detail
