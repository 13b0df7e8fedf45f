# Everything the project builds on, by the names of Debian's packages in tools/packages.txt.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)       # the module: Debian ships no config, and gRPC's config asks for it
find_package(gRPC CONFIG REQUIRED)
find_package(CAF REQUIRED)            # cmake/FindCAF.cmake
find_package(Boost REQUIRED)
find_package(Cares REQUIRED)          # cmake/FindCares.cmake
find_package(Nghttp2 REQUIRED)        # cmake/FindNghttp2.cmake
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(OpenSSL REQUIRED)
if(BRONTES_TESTS)
  find_package(GTest REQUIRED)
endif()
