/* What this build is made of; CMake says it. */
#include "scoreline/version.h"

const char *sl_version_line(void)
{
    return "scoreline " SCORELINE_VERSION;
}

const char *sl_version_components(void)
{
    return "compiler  " SCORELINE_COMPILER "\n"
           "MPI       " SCORELINE_MPI "\n"
           "HDF5      " SCORELINE_HDF5 "\n"
           "zlib      " SCORELINE_ZLIB "\n"
           "BLAS      " SCORELINE_BLAS "\n"
           "cJSON     " SCORELINE_CJSON "\n"
           "options   " SCORELINE_OPTIONS "\n";
}
