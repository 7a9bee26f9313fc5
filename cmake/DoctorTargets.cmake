# Warnings and sanitizers are private to doctor's own targets; a layer is one static library.
add_library(doctor_options INTERFACE)
target_compile_options(
  doctor_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
            -Woverloaded-virtual $<$<BOOL:${DOCTOR_WERROR}>:-Werror>)
if(DOCTOR_SANITIZE)
  target_compile_options(doctor_options INTERFACE -fsanitize=${DOCTOR_SANITIZE} -fno-omit-frame-pointer
                                                  -fno-sanitize-recover=all)
  target_link_options(doctor_options INTERFACE -fsanitize=${DOCTOR_SANITIZE})
endif()

# doctor_layer(NAME DIRECTORY [PUBLIC target...] [PRIVATE target...])
function(doctor_layer name directory)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp ${directory}/*/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/(compiler|embedded)/") # targets of their own
  add_library(doctor_${name} STATIC ${sources})
  target_include_directories(doctor_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(doctor_${name} PUBLIC ${arg_PUBLIC} PRIVATE doctor_options ${arg_PRIVATE})
endfunction()
