# brontes_proto(target file.proto... [IMPORT_DIR dir]): messages, stock gRPC code and method tags
# (X.pb.h, X.grpc.pb.h, X.brontes.hpp) as one static library. IMPORT_DIR is the root that imports
# are written against, absolute or as seen from the current source folder, which is its default. DEPENDS names targets of other
# brontes_proto() calls whose files are imported; brontes_google_api(target) makes the one for
# google/api/annotations.proto. MESSAGES_ONLY: the files have no service; makes X.pb.h alone.
function(brontes_proto target)
  cmake_parse_arguments(arg "MESSAGES_ONLY" "IMPORT_DIR" "DEPENDS" ${ARGN})
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "brontes_proto(${target}): ${arg_KEYWORDS_MISSING_VALUES} without a value")
  endif()
  if(NOT arg_IMPORT_DIR)
    set(arg_IMPORT_DIR .)
  endif()
  cmake_path(ABSOLUTE_PATH arg_IMPORT_DIR BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}.gen)
  file(MAKE_DIRECTORY ${out})
  set(imports -I ${arg_IMPORT_DIR})
  foreach(dependency ${arg_DEPENDS})
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR "brontes_proto(${target}): DEPENDS ${dependency} is no target")
    endif()
    get_target_property(dirs ${dependency} BRONTES_IMPORT_DIRS)
    list(TRANSFORM dirs PREPEND -I OUTPUT_VARIABLE dirs)
    list(APPEND imports ${dirs})
  endforeach()
  set(services)
  set(plugin)
  set(descriptors)
  if(NOT arg_MESSAGES_ONLY)
    set(plugin brontes::protoc-gen-brontes)
    set(services --grpc_out=${out} --brontes_out=${out}
      --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>
      --plugin=protoc-gen-brontes=$<TARGET_FILE:brontes::protoc-gen-brontes>)
  endif()
  foreach(file ${arg_UNPARSED_ARGUMENTS})
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${arg_IMPORT_DIR} OUTPUT_VARIABLE proto)
    if(NOT file MATCHES "\\.proto$" OR NOT EXISTS ${proto})
      message(FATAL_ERROR "brontes_proto(${target}): '${file}' is no .proto file in ${arg_IMPORT_DIR}; "
        "the words it knows are MESSAGES_ONLY, IMPORT_DIR and DEPENDS")
    endif()
    cmake_path(RELATIVE_PATH proto BASE_DIRECTORY ${arg_IMPORT_DIR} OUTPUT_VARIABLE stem)
    brontes_descriptor_symbol(${stem} symbol)
    list(APPEND descriptors LINKER:--undefined=${symbol})
    cmake_path(REMOVE_EXTENSION stem LAST_ONLY)
    set(made ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    if(NOT arg_MESSAGES_ONLY)
      list(APPEND made
        ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h ${out}/${stem}.brontes.hpp)
    endif()
    add_custom_command(OUTPUT ${made}
      COMMAND protobuf::protoc ${imports} --cpp_out=${out} ${services} ${proto}
      DEPENDS ${proto} ${plugin} COMMENT "Generating ${stem}" VERBATIM)
    list(APPEND sources ${made})
  endforeach()
  add_library(${target} STATIC ${sources})
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)  # files of protoc share names
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target} PUBLIC brontes::actors gRPC::grpc++ protobuf::libprotobuf
                                         ${arg_DEPENDS})
  # Nothing else names the descriptors of a file that has a service and no message: the linker would
  # leave them in the library, and REST and reflection would not know the service.
  if(NOT arg_MESSAGES_ONLY)
    target_link_options(${target} INTERFACE ${descriptors})
  endif()
  string(REPLACE "-I" "" dirs "${imports}")
  list(REMOVE_ITEM dirs "")
  list(REMOVE_DUPLICATES dirs)
  set_target_properties(${target} PROPERTIES BRONTES_IMPORT_DIRS "${dirs}")
endfunction()

# What protoc calls the descriptors of a file: descriptor_table_ and its name, in which all but letters
# and digits is _XX.
function(brontes_descriptor_symbol file result)
  string(REGEX MATCHALL "." letters "${file}")
  set(symbol descriptor_table_)
  foreach(letter IN LISTS letters)
    if(NOT letter MATCHES "[A-Za-z0-9]")
      string(HEX "${letter}" letter)
      set(letter _${letter})
    endif()
    string(APPEND symbol ${letter})
  endforeach()
  set(${result} ${symbol} PARENT_SCOPE)
endfunction()

# brontes_messages(target file.proto): messages that only this target uses, compiled into it.
function(brontes_messages target file)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}.gen)
  file(MAKE_DIRECTORY ${out})
  cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE proto)
  cmake_path(GET proto PARENT_PATH dir)
  cmake_path(GET proto STEM stem)
  add_custom_command(OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
    COMMAND protobuf::protoc -I ${dir} --cpp_out=${out} ${proto}
    DEPENDS ${proto} COMMENT "Generating ${stem}" VERBATIM)
  target_sources(${target} PRIVATE ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
  target_include_directories(${target} SYSTEM PRIVATE ${out})
endfunction()

# brontes_google_api(target): google/api/annotations.proto and httpbody.proto, for services with REST
# routes. Its own target, made by whoever wants it: two copies in one program would collide.
set(BRONTES_GOOGLE_API_DIR ${CMAKE_CURRENT_LIST_DIR}/proto)
function(brontes_google_api target)
  brontes_proto(${target} MESSAGES_ONLY IMPORT_DIR ${BRONTES_GOOGLE_API_DIR}
    google/api/http.proto google/api/annotations.proto google/api/httpbody.proto)
endfunction()
