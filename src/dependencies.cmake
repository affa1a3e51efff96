# Finds what we build on and says what was taken.  Modules and other prefixes are found through
# CMAKE_PREFIX_PATH, PKG_CONFIG_PATH, MPICC on the PATH, HDF5_ROOT.
find_package(PkgConfig REQUIRED)
set(MPI_DETERMINE_LIBRARY_VERSION ON)
find_package(MPI REQUIRED COMPONENTS C)
string(REGEX MATCH "^[^,\n]*" SCORELINE_MPI_NAME "${MPI_C_LIBRARY_VERSION_STRING}")

# With a serial HDF5 installed as well CMake silently takes that one: ask, then insist.
set(HDF5_PREFER_PARALLEL ON)
find_package(HDF5 REQUIRED COMPONENTS C)
if(NOT HDF5_IS_PARALLEL)
  message(FATAL_ERROR "the HDF5 found is serial; a parallel one is needed "
    "(Debian: libhdf5-openmpi-dev; or point HDF5_ROOT at one)")
endif()

if(HDF5_VERSION VERSION_LESS 1.10.5)
  message(FATAL_ERROR "HDF5 ${HDF5_VERSION} found, 1.10.5 or later is needed")
endif()

find_package(ZLIB REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)

message(STATUS "scoreline: compiler ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
message(STATUS "scoreline: MPI ${SCORELINE_MPI_NAME} (${MPI_C_COMPILER}, ${MPIEXEC_EXECUTABLE})")
message(STATUS "scoreline: HDF5 ${HDF5_VERSION}, parallel (${HDF5_C_INCLUDE_DIRS})")
message(STATUS "scoreline: zlib ${ZLIB_VERSION_STRING}")
message(STATUS "scoreline: BLAS OpenBLAS ${OPENBLAS_VERSION} (${OPENBLAS_LINK_LIBRARIES})")
message(STATUS "scoreline: cJSON ${CJSON_VERSION}")
