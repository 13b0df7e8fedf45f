# What every target of the project shares: the language, the output folders, the include path.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

find_program(BRONTES_CCACHE ccache)
if(BRONTES_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # It may keep what was compiled with precompiled headers, as some tests are.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${BRONTES_CCACHE})
endif()

# One spelling everywhere, in the tree and after install: #include <brontes/actors/status.hpp>.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include)
file(CREATE_LINK ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include/brontes SYMBOLIC)

# brontes_precompile(target header...): heavy headers of others, compiled once for the whole target.
# Only if BRONTES_PRECOMPILE is on, as for tests and in the sanitizers' presets: the other builds see
# to it that each file includes what it uses, and GCC warns of memcpy in strings when it optimises
# such code.
function(brontes_precompile target)
  if(BRONTES_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    brontes_cache_precompiled(${target})
  endif()
endfunction()
function(brontes_cache_precompiled target)  # lets ccache see through precompiled headers
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()

set(BRONTES_HEAVY_STANDARD <algorithm> <chrono> <functional> <map> <memory> <mutex> <optional>
    <string> <vector> <spdlog/fmt/fmt.h> <tl/expected.hpp>)
set(BRONTES_HEAVY_CAF <caf/actor_clock.hpp> <caf/actor_system.hpp> <caf/actor_system_config.hpp>
    <caf/event_based_actor.hpp> <caf/response_promise.hpp> <caf/typed_actor.hpp>
    <caf/typed_event_based_actor.hpp> <caf/typed_response_promise.hpp>)
set(BRONTES_HEAVY_GRPC <grpcpp/grpcpp.h>)
set(BRONTES_HEAVY_BEAST <boost/asio/ip/tcp.hpp> <boost/asio/steady_timer.hpp>
    <boost/beast/core.hpp> <boost/beast/http.hpp>)
