// The three sources of settings, each flattened to assignments of dotted keys.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/runtime/setting.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::detail {

struct Assignment {
  std::string key;  ///< "tls.cert"
  std::string value;
  std::string origin;  ///< "app.yaml:3", "BRONTES_TLS_CERT", "--listen"
  bool null = false;   ///< a YAML key without anything
  bool list = false;   ///< a YAML sequence, joined by commas
  int depth = 0;       ///< YAML keys on the way to it; 0: not from YAML
};

/// Text of mistakes, one line each.
using Mistakes = std::vector<std::string>;

struct Flags {
  std::vector<Assignment> assignments;
  std::optional<std::string> config;
  bool help = false, print = false;
};

/// Mappings nest, sequences of scalars are lists.
std::vector<Assignment> read_yaml(const std::string& path, Mistakes& mistakes);
/// All of BRONTES_*, but BRONTES_CONFIG and what Kubernetes sets for a service of that name.
std::vector<Assignment> read_environment(const std::map<std::string, std::string>& environment,
                                         const std::vector<Setting>& rows, Mistakes& mistakes);
Flags read_flags(const std::vector<std::string>& args, const std::vector<Setting>& rows,
                 Mistakes& mistakes);

/// Whether its flag needs no value.
bool is_switch(const Setting& row);

/// The row that the key belongs to, nullptr if there is none; `entry` is the rest for a map.
Setting* find_row(std::vector<Setting>& rows, const std::string& key, std::string& entry);
/// "; did you mean drain.min?", or ""; `prefix` is put before what is suggested.
std::string suggestion(const std::string& wrong, const std::vector<std::string>& known,
                       std::string_view prefix = {});
/// "BRONTES_TLS_CERT"
std::string variable_of(const std::string& key);

}  // namespace brontes::detail
