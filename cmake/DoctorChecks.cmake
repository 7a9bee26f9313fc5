# From the list of checks: one library, one generated registry, one header of codes per check. Forgetting a part of a check
# stops the configure step here, with the name of what is missing.
file(GLOB folders RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*)
foreach(folder IN LISTS folders)
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${folder} AND NOT folder STREQUAL "systems" AND NOT folder IN_LIST DOCTOR_CHECKS)
    message(FATAL_ERROR "checks/${folder} is not listed in checks/CMakeLists.txt")
  endif()
endforeach()

set(generated ${PROJECT_BINARY_DIR}/generated)
set(check_sources)
set(check_pages)
set(code_headers)
set(declarations "")
set(entries "")
foreach(check IN LISTS DOCTOR_CHECKS)
  set(page ${PROJECT_SOURCE_DIR}/docs/guides/${check}.md)
  foreach(part ${CMAKE_CURRENT_SOURCE_DIR}/${check}/${check}.cpp ${page} ${PROJECT_SOURCE_DIR}/tests/checks/${check}_test.cpp)
    if(NOT EXISTS ${part})
      message(FATAL_ERROR "check '${check}' lacks ${part}; docs/adding-a-check.md lists the parts of a check")
    endif()
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${check}/*.cpp)
  list(APPEND check_sources ${sources})
  list(APPEND check_pages ${page})
  list(APPEND code_headers ${generated}/doctor/codes/${check}.hpp)
  string(APPEND declarations "extern const CheckInfo ${check};\n")
  string(APPEND entries "    &${check},\n")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/registry.cpp.in ${generated}/registry.cpp @ONLY)

# What doctor finds in its own files: a page with codes, and no check.
list(APPEND check_pages ${PROJECT_SOURCE_DIR}/docs/guides/doctor.md)
list(APPEND code_headers ${generated}/doctor/codes/doctor.hpp)

file(GLOB system_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/guides/*.md)
list(REMOVE_ITEM system_pages ${check_pages})
file(GLOB system_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/systems/*.yaml)

# Two calls: the headers depend on the pages of the checks only, so that editing a system's text recompiles no check.
add_custom_command(
  OUTPUT ${code_headers}
  COMMAND doctor_guidec headers ${generated}/doctor/codes ${check_pages}
  DEPENDS doctor_guidec ${check_pages}
  COMMENT "Generating the codes of the checks")
add_custom_target(doctor_codes DEPENDS ${code_headers})
target_include_directories(doctor_diagnosis PRIVATE ${generated})
add_dependencies(doctor_diagnosis doctor_codes)
add_custom_command(
  OUTPUT ${generated}/guides.blob
  COMMAND doctor_guidec blob ${generated}/guides.blob --checks ${check_pages} --systems ${system_pages} --descriptions
          ${system_files} --ledger ${PROJECT_SOURCE_DIR}/docs/detection.tsv
  DEPENDS doctor_guidec ${check_pages} ${system_pages} ${system_files} ${PROJECT_SOURCE_DIR}/docs/detection.tsv
  COMMENT "Compiling the guides and system descriptions")
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/guides/embedded/embedded.cpp
                            PROPERTIES OBJECT_DEPENDS ${generated}/guides.blob)

add_library(doctor_guide_data STATIC ${PROJECT_SOURCE_DIR}/src/guides/embedded/embedded.cpp ${generated}/guides.blob)
target_compile_definitions(doctor_guide_data PRIVATE DOCTOR_BLOB="${generated}/guides.blob")
target_include_directories(doctor_guide_data PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(doctor_guide_data PUBLIC doctor_guides PRIVATE doctor_options)

add_library(doctor_checks STATIC ${check_sources} ${generated}/registry.cpp ${code_headers})
add_dependencies(doctor_checks doctor_codes)
target_include_directories(doctor_checks PRIVATE ${generated})
target_include_directories(doctor_checks PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(doctor_checks PUBLIC doctor_api doctor_formats PRIVATE doctor_options)
