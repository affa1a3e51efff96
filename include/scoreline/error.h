/* How everything that can fail says so: one status, one message, one way out. */
#ifndef SCORELINE_ERROR_H
#define SCORELINE_ERROR_H

typedef enum sl_status {
    SL_OK = 0,
    SL_EUSAGE,       /* command line is wrong */
    SL_EJOB,         /* job or model file is wrong; the user can mend it */
    SL_EUNSUPPORTED, /* this build lacks what the job asks for */
    SL_EINPUT,       /* input is missing, unreadable or not of the promised form */
    SL_EBADROWS,     /* more bad records than the job allows */
    SL_EOUTPUT,      /* output or journal cannot be written */
    SL_ESTOPPED,     /* asked to stop; what is finished is kept */
    SL_ENOMEM,       /* allocation failed */
    SL_EBUG,         /* an invariant of ours does not hold */
} sl_status;

enum { SL_ERROR_BYTES = 1024 };

/* The first fault, in words: lower case, no full stop, the subject in 'quotes', the cure if known. */
struct sl_error {
    sl_status code;
    char      text[SL_ERROR_BYTES];
};

#define SL_MUST_CHECK __attribute__((warn_unused_result))
#define SL_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Leave for the single exit label on failure.  The only control-flow macro we have. */
#define SL_TRY(call)                                                                               \
    do {                                                                                           \
        if ((rc = (call)) != SL_OK)                                                                \
            goto out;                                                                              \
    } while (0)

/**
 * Record a fault and hand its status back, so that the finder can `return sl_fail(err, ...)`.
 *
 * Owner:   writes *err; a message longer than SL_ERROR_BYTES is cut.
 * Ranks:   local.
 */
SL_PRINTF(3, 4) sl_status sl_fail(struct sl_error *err, sl_status code, const char *format, ...);

/**
 * Say where a fault happened: puts "<where>: " before the message that err holds.
 *
 * Ranks:   local.
 */
SL_PRINTF(2, 3) void sl_error_in(struct sl_error *err, const char *format, ...);

/** What a status is called in what programs read: "ok", "stopped". */
const char *sl_status_name(sl_status status);

/** The process exit code that design and manual promise for a status. */
int sl_exit_code(sl_status status);

#endif
