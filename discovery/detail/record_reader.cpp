#include <algorithm>
#include <brontes/discovery/detail/record_reader.hpp>
#include <brontes/discovery/detail/record_words.hpp>

namespace brontes::detail {
namespace {

struct TextMember {
  std::string_view name;
  std::string Instance::*text;
};
constexpr TextMember kTexts[] = {
    {"network", &Instance::network},         {"name", &Instance::name},
    {"address", &Instance::address},         {"naming_address", &Instance::naming_address},
    {"instance_id", &Instance::instance_id}, {"version", &Instance::version},
    {"protocol", &Instance::protocol},       {"created", &Instance::created},
};

}  // namespace

bool RecordReader::key(std::string& text) {
  if (!tree_.empty()) return tree_key_ = std::move(text), true;
  if (in_map_) return entry_ = std::move(text), true;
  if (open_ != 1) return true;
  const auto is = [&](std::string_view name) { return same_letters(text, name); };
  const auto found = std::find_if(std::begin(kTexts), std::end(kTexts),
                                  [&](const TextMember& one) { return is(one.name); });
  text_ = found != std::end(kTexts) ? found->text : nullptr;
  member_ = text_ != nullptr ? Member::kText
            : is("weight")   ? Member::kWeight
            : is("healthy")  ? Member::kHealthy
            : is("tags")     ? Member::kTags
            : is("metadata") ? Member::kMetadata
                             : Member::kUnknown;
  name_ = std::move(text);
  return true;
}

bool RecordReader::string(std::string& text) {
  if (open_ == 1 && member_ == Member::kText && problem_.ok())
    return into_.*text_ = std::string(text), true;  // of its own size, not of the buffer's
  return value(text);
}

bool RecordReader::value(Json value) {
  if (open_ > kMaxDepth) return false;
  if (!tree_.empty())
    add_to_tree(std::move(value));
  else if (open_ == 0)
    is_object_ = value.is_null();
  else if (in_map_)
    take_entry(value);
  else if (open_ == 1)
    take_member(value);
  return true;  // what is left is part of something unknown
}

bool RecordReader::begin(Json container) {
  if (open_ > kMaxDepth) return false;
  const bool is_map = member_ == Member::kTags || member_ == Member::kMetadata;
  if (!tree_.empty()) {
    tree_.emplace_back(std::move(tree_key_), std::move(container));
  } else if (open_ == 0) {
    is_object_ = container.is_object();
  } else if (in_map_ && open_ == 2 && member_ == Member::kMetadata) {
    tree_.emplace_back(std::string(), std::move(container));
  } else if (in_map_ && open_ == 2) {
    take_entry(container);
  } else if (open_ == 1) {
    in_map_ = is_map && container.is_object();
    if (!in_map_) take_member(container);
  }
  ++open_;
  return true;
}

bool RecordReader::end() {
  --open_;
  if (open_ == 1) in_map_ = false;
  if (tree_.empty()) return true;
  auto [key, done] = std::move(tree_.back());
  tree_.pop_back();
  if (tree_.empty()) {
    take_entry(done);
  } else {
    tree_key_ = std::move(key);
    add_to_tree(std::move(done));
  }
  return true;
}

void RecordReader::add_to_tree(Json value) {
  Json& around = tree_.back().second;
  if (around.is_array())
    around.push_back(std::move(value));
  else
    around[tree_key_] = std::move(value);
}

void RecordReader::take_member(const Json& value) {
  if (value.is_null() || member_ == Member::kUnknown) return;
  if (member_ == Member::kText) {
    if (!value.is_string()) return refuse("is no string");
    into_.*text_ = value.get<std::string>();
  } else if (member_ == Member::kHealthy) {
    if (!value.is_boolean()) return refuse("is neither true nor false");
    into_.healthy = value.get<bool>();
  } else if (member_ == Member::kWeight) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX)
      return refuse("is no integer from 0 to 4294967295");
    into_.weight = value.get<std::uint32_t>();
  } else {
    refuse("is no object");
  }
}

void RecordReader::take_entry(const Json& value) {
  if (member_ == Member::kMetadata) {
    MetadataValue& slot = into_.metadata[entry_];
    slot.is_json = !value.is_string();
    slot.text = slot.is_json ? value.dump() : value.get<std::string>();
  } else if (value.is_string() || value.is_null()) {
    into_.tags[entry_] = value.is_null() ? "" : value.get<std::string>();
  } else {
    refuse("is no string", '.' + entry_);
  }
}

void RecordReader::refuse(const char* why, const std::string& entry) {
  if (problem_.ok())
    problem_ = {Errc::kInvalidArgument, "reading a record: \"" + name_ + entry + "\" " + why};
}

}  // namespace brontes::detail
