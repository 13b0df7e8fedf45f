// Keys and certificates for one test program, made by the openssl tool in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace brontes::testing {

class Certificates {
 public:
  Certificates() : folder_(::testing::TempDir() + "brontes-tls-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp " + folder_);
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  Certificates(const Certificates&) = delete;

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string text(const std::string& name) const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// <name>.pem and <name>.key, which sign others.
  void make_ca(const std::string& name) { make(name, ""); }
  /// <name>.pem and <name>.key, signed by a CA made before; the common name is <name>.
  void make_signed(const std::string& name, const std::string& ca,
                   const std::string& other_names = "DNS:localhost") {
    make(name, " -CA " + file(ca + ".pem") + " -CAkey " + file(ca + ".key") +
                   " -addext subjectAltName=" + other_names);
  }
  void run(const std::string& command) {
    if (std::system((command + " 2>" + file("log")).c_str()) != 0)
      throw std::runtime_error(command + ": " + text("log"));
  }

 private:
  void make(const std::string& name, const std::string& more) {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=" +
        name + " -keyout " + file(name + ".key") + " -out " + file(name + ".pem") + more);
  }

  std::string folder_;
};

}  // namespace brontes::testing
