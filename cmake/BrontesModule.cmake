# brontes_module(name HEADERS h... SOURCES s... DEPENDS public... PRIVATE_DEPENDS private... HEAVY headers...)
# One static library per floor. HEADERS are public: installed, and compiled alone by the check
# target. What lies in detail/ is neither and belongs to SOURCES. HEAVY: see brontes_precompile().
function(brontes_module name)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;DEPENDS;PRIVATE_DEPENDS;HEAVY" ${ARGN})
  set(target brontes_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(brontes::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  list(TRANSFORM arg_HEADERS PREPEND ${PROJECT_BINARY_DIR}/include/brontes/${name}/)
  target_sources(${target} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_BINARY_DIR}/include FILES ${arg_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
  brontes_precompile(${target} ${BRONTES_HEAVY_STANDARD} ${arg_HEAVY})
  install(TARGETS ${target} EXPORT brontes FILE_SET HEADERS)
endfunction()
