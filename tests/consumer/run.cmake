# Installs BUILD into a fresh prefix, then does what a user does with it.
cmake_path(GET CMAKE_CURRENT_LIST_FILE PARENT_PATH here)
set(work ${BUILD}/consumer)
file(REMOVE_RECURSE ${work}/prefix ${work}/build)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -S ${here}/project -B ${work}/build -G Ninja
  -D CMAKE_BUILD_TYPE=${CONFIG} -D CMAKE_CXX_COMPILER=${COMPILER}
  -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -D "CMAKE_CXX_FLAGS=${FLAGS}"
  -D CMAKE_PREFIX_PATH=${work}/prefix)
run(${CMAKE_COMMAND} --build ${work}/build)

execute_process(COMMAND ${work}/build/registry_conformance COMMAND_ERROR_IS_FATAL ANY
  OUTPUT_VARIABLE said ECHO_OUTPUT_VARIABLE)
string(FIND "${said}" "ok RandomSchedule_1" where)
if(where EQUAL -1)
  message(FATAL_ERROR "registry_conformance ran no schedule")
endif()

execute_process(COMMAND ${work}/build/quotes_server COMMAND_ERROR_IS_FATAL ANY
  OUTPUT_VARIABLE said ECHO_OUTPUT_VARIABLE)
foreach(wanted "gRPC: by anonymous" "REST: {\"text\":\"by anonymous\"}"
    "REST: {\"text\":\"once by anonymous\"}" "served with brontes")
  string(FIND "${said}" "${wanted}" where)
  if(where EQUAL -1)
    message(FATAL_ERROR "quotes_server did not say '${wanted}'")
  endif()
endforeach()
