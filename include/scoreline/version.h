/* What this build is made of. */
#ifndef SCORELINE_VERSION_H
#define SCORELINE_VERSION_H

/** "scoreline 0.1.0". */
const char *sl_version_line(void);

/** Name and version of each component it was built with, a line each. */
const char *sl_version_components(void);

#endif
