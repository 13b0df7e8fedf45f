// Messages of a kind that the test service does not have: many fields, maps of enums.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <memory>

namespace brontes {
namespace {

namespace pb = google::protobuf;

constexpr int kFields = 70;  // members that were seen are counted in 64 bits, the rest elsewhere

pb::FileDescriptorProto file() {
  pb::FileDescriptorProto file;
  EXPECT_TRUE(pb::TextFormat::ParseFromString(R"(
    name: "dynamic.proto" package: "d" syntax: "proto3"
    enum_type { name: "Color" value { name: "NONE" number: 0 } value { name: "RED" number: 1 } }
    message_type {
      name: "Paints"
      field { name: "colors" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE
              type_name: ".d.Paints.ColorsEntry" }
      nested_type {
        name: "ColorsEntry" options { map_entry: true }
        field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
        field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_ENUM
                type_name: ".d.Color" }
      }
    })",
                                              &file));
  auto& wide = *file.add_message_type();
  wide.set_name("Wide");
  for (int i = 0; i < kFields; ++i) {
    auto& field = *wide.add_field();
    field.set_name("f" + std::to_string(i));
    field.set_number(i + 1);
    field.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    field.set_type(pb::FieldDescriptorProto::TYPE_INT32);
  }
  return file;
}

struct JsonReaderOfDynamicMessages : testing::Test {
  JsonReaderOfDynamicMessages() { EXPECT_NE(pool_.BuildFile(file()), nullptr); }

  /// The message in JSON, or why it could not be read.
  std::string read(const char* type, std::string_view text, bool ignore_unknown = true) {
    const std::unique_ptr<pb::Message> message(
        factory_.GetPrototype(pool_.FindMessageTypeByName(type))->New());
    JsonOptions options;
    options.print_unset = false;
    options.ignore_unknown = ignore_unknown;
    if (Status status = read_json(text, options, *message); !status.ok()) return status.message();
    std::string out;
    EXPECT_TRUE(write_json(*message, options, out).ok());
    return out;
  }

 private:
  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_{&pool_};
};

TEST_F(JsonReaderOfDynamicMessages, FieldsBeyondTheSixtyFourthAreCountedToo) {
  const char* text = R"({"f0":1,"f2":2,"f63":3,"f64":4,"f66":5,"f69":6})";
  EXPECT_EQ(read("d.Wide", text), text);
  for (const char* name : {"f0", "f63", "f64", "f69"}) {
    const std::string member = '"' + std::string(name) + "\":1";
    EXPECT_EQ(read("d.Wide", "{" + member + "," + member + "}"),
              std::string(name) + ": the field is there twice");
  }
}

TEST_F(JsonReaderOfDynamicMessages, MapEntriesWithUnknownEnumNamesAreDroppedOrRefused) {
  EXPECT_EQ(read("d.Paints", R"({"colors":{"a":"RED","b":"PINK"}})"), R"({"colors":{"a":"RED"}})");
  EXPECT_EQ(read("d.Paints", R"({"colors":{"a":"PINK","b":"RED"}})"), R"({"colors":{"b":"RED"}})");
  EXPECT_EQ(read("d.Paints", R"({"colors":{"b":"PINK"}})", false),
            "colors[\"b\"]: expected a value of d.Color, got \"PINK\"");
}

}  // namespace
}  // namespace brontes
