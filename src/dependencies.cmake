# Finds what the library is built on: for this build and, installed beside the package files, for
# whoever links the library.  Modules and other prefixes are found through CMAKE_PREFIX_PATH,
# PKG_CONFIG_PATH, MPICC on the PATH, HDF5_ROOT.
find_package(PkgConfig REQUIRED)
set(MPI_DETERMINE_LIBRARY_VERSION ON)
find_package(MPI REQUIRED COMPONENTS C)

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

# CMake before 3.19 has no target for HDF5, later ones name it differently.
if(NOT TARGET scoreline::hdf5)
  add_library(scoreline::hdf5 INTERFACE IMPORTED)
  target_include_directories(scoreline::hdf5 INTERFACE ${HDF5_C_INCLUDE_DIRS})
  target_compile_definitions(scoreline::hdf5 INTERFACE ${HDF5_C_DEFINITIONS})
  target_link_libraries(scoreline::hdf5 INTERFACE ${HDF5_C_LIBRARIES})
endif()

find_package(ZLIB REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
