// A settings file for a test, and what loading it complains of.
#pragma once

#include <unistd.h>

#include <brontes/runtime/settings.hpp>
#include <cstdio>
#include <fstream>
#include <string>

namespace brontes {

/// A YAML file for the life of a test; named by its address, so that runs do not meet.
class YamlFile {
 public:
  explicit YamlFile(const std::string& text) {
    char name[] = "/tmp/brontes-settings-XXXXXX";
    close(mkstemp(name));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~YamlFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string error_of(const SettingSources& sources) {
  const auto settings = load_settings(sources);
  return settings ? "no error" : settings.error().message();
}

}  // namespace brontes
