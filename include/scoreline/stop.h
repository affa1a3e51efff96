/* Word to stop: from a signal, or because time is up.  Of this process alone. */
#ifndef SCORELINE_STOP_H
#define SCORELINE_STOP_H

#include <stdbool.h>

#include "scoreline/error.h"

/** Take USR1, USR2, XCPU, TERM and INT for word to stop.  A second one, a tenth of a second later
 * or more, ends the process as it would have without this. */
void sl_stop_on_signals(void);

/** Stop at a moment of sl_clock_now(). */
void sl_stop_at(double when);

/** Whether word came. */
bool sl_stop_asked(void);

/** Fail because of it: "stopped by SIGTERM", "time is up", with what is to be said behind that. */
sl_status sl_stop_fail(const char *what, struct sl_error *err);

#endif
