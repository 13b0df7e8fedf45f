// The events of a JSON tokeniser, turned into fields of a message.
#pragma once

#include <brontes/gateway/detail/json_scalar.hpp>
#include <brontes/gateway/json_options.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace brontes::detail {

struct JsonEvent {
  enum class Type { kScalar, kKey, kStartObject, kEndObject, kStartArray, kEndArray };
  Type type;
  JsonScalar scalar;  ///< kScalar; the text of kKey
};

/// Each event answers false after the first fault, which `why` tells with its place. For one value.
class JsonSink {
 public:
  /// `place`: of the message, when it is itself inside of another.
  JsonSink(const JsonOptions& options, FieldSlot root, std::vector<std::string>* leaves = nullptr,
           std::string place = {})
      : options_(options), root_(root), leaves_(leaves), place_(std::move(place)) {}

  bool scalar(JsonScalar scalar);
  bool key(std::string& name);
  bool start_object();
  bool end_object();
  bool start_array();
  bool end_array();
  /// After the last event: the message is one that can be sent on.
  bool end();

  std::string why;

 private:
  enum class Kind { kMessage, kList, kMap, kSkip, kAny };
  struct Frame {
    Kind kind;
    Message* message = nullptr;
    const FieldDescriptor* field = nullptr;  // of the list or map; of the member that is next
    std::string key = {};                    // of the member that is next
    std::uint64_t seen = 0;                  // members by index; the rest is in `keys`
    std::set<std::string> keys = {};
    int index = -1;          // of the list's last item
    int inner = 0;           // kSkip, kAny: open brackets
    std::size_t leaves = 0;  // when it was opened
    std::vector<JsonEvent> recorded = {};
  };

  struct Place {
    FieldSlot slot;
    bool whole = false;  // a repeated field: its brackets come next
    bool skip = false;
  };

  bool next_place(Place& place);
  bool member(Frame& frame, std::string& name);
  bool map_key(Frame& frame, FieldSlot key);
  bool open(Frame frame);
  bool open_object(const FieldSlot& slot);
  bool close();
  bool record(JsonEvent event);
  bool unpack_any(Frame frame);
  bool replay(const std::vector<JsonEvent>& events, Message& into);
  bool dropped(const Place& place);
  bool fault(const std::string& what);
  void leaf();
  std::string path() const;

  const JsonOptions& options_;
  const FieldSlot root_;
  std::vector<std::string>* leaves_;
  int depth_ = 0, deepest_ = 0;
  const std::string place_;
  std::vector<Frame> frames_;
};

/// Hands an event to a sink; false when the sink is at fault.
bool feed(JsonSink& sink, JsonEvent event);

}  // namespace brontes::detail
