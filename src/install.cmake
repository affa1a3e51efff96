# What `cmake --install` leaves: program, library with headers, package files for CMake and
# pkg-config, manual, completion, jobs, pages.  Nothing of it names the prefix: the folder may be
# moved.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/scoreline)
set(pages_dir ${CMAKE_INSTALL_DATADIR}/doc/scoreline)
set(made ${PROJECT_BINARY_DIR}/installed)

install(TARGETS scoreline_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS scoreline EXPORT scoreline ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
# mpi_handle.h shows MPI_Comm, which is between our own modules.
install(DIRECTORY include/scoreline DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN mpi_handle.h EXCLUDE)

# --- package files for CMake --------------------------------------------------------------------

# An archive made under sanitizers wants them where it is linked.
if(SCORELINE_SANITIZE)
  target_link_options(scoreline INTERFACE $<INSTALL_INTERFACE:-fsanitize=${SCORELINE_SANITIZE}>)
  set(sanitize_libs "-fsanitize=${SCORELINE_SANITIZE} ")
endif()
install(EXPORT scoreline FILE scorelineTargets.cmake NAMESPACE scoreline:: DESTINATION ${package_dir})
file(WRITE ${made}/scorelineConfig.cmake
  "# find_package(scoreline) gives the target scoreline::scoreline, for programs in C.\n"
  "include(\${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)\n"
  "include(\${CMAKE_CURRENT_LIST_DIR}/scorelineTargets.cmake)\n")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${made}/scorelineConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${made}/scorelineConfig.cmake ${made}/scorelineConfigVersion.cmake
  src/dependencies.cmake DESTINATION ${package_dir})

# --- pkg-config ---------------------------------------------------------------------------------

# The library is an archive: who links it links what it needs as well.
file(RELATIVE_PATH up_to_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" up_to_prefix "${up_to_prefix}")
file(RELATIVE_PATH libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
list(JOIN HDF5_C_LIBRARIES " " hdf5_libs)
list(JOIN MPI_C_LIBRARIES " " mpi_libs)
file(WRITE ${made}/scoreline.pc
  "prefix=\${pcfiledir}/${up_to_prefix}\n"
  "libdir=\${prefix}/${libdir}\n"
  "includedir=\${prefix}/${includedir}\n\n"
  "Name: scoreline\n"
  "Description: Batch scoring for HPC: train, score and combine partitioned tables\n"
  "Version: ${PROJECT_VERSION}\n"
  "Requires: libcjson openblas zlib\n"
  "Cflags: -I\${includedir}\n"
  "Libs: ${sanitize_libs}-L\${libdir} -lscoreline ${hdf5_libs} ${mpi_libs} -lm\n")
install(FILES ${made}/scoreline.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# --- manual and completion, from the program's own tables ---------------------------------------

install(DIRECTORY ${SCORELINE_PAGES_DIR}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${SCORELINE_PAGES_DIR}/scoreline.bash RENAME scoreline
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${SCORELINE_PAGES_DIR}/scoreline.zsh RENAME _scoreline
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# --- jobs and pages -----------------------------------------------------------------------------

install(DIRECTORY jobs DESTINATION ${CMAKE_INSTALL_DATADIR}/scoreline
  FILES_MATCHING PATTERN "*.json" PATTERN "*.sbatch" PATTERN "chain.sh"
  PATTERN demo EXCLUDE PATTERN container EXCLUDE)
install(DIRECTORY docs tests/install/example DESTINATION ${pages_dir})
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${pages_dir})
