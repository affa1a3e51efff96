/* The values of keys that the job leaves out, from the files that are there.  Private to catalog.
 */
#ifndef SCORELINE_CATALOG_DISCOVER_H
#define SCORELINE_CATALOG_DISCOVER_H

#include "find.h"
#include "template.h"

/* Combinations of values, each once, in order: of the keys without values, which are the last ones
 * of the job.  Integers come first and by their value, texts in byte order. */
struct sl_combinations {
    size_t n;
    int    n_keys;
    char **values;   /* [n][n_keys], in `texts` */
    char **texts;    /* [n] of each combination, in one piece */
    size_t capacity; /* of texts */
};
void sl_combinations_release(struct sl_combinations *combinations);

/**
 * Find the combinations for which some file matches the template, keys with values taking those
 * alone.
 *
 * A key stands for at least one byte.  Where a name can be read in several ways, a day, a month, a
 * number or a word is taken whole if the rest then fits; otherwise the first keys are as short as can
 * be.  Names that begin with a dot are met only by a template that says so, and a
 * value has no '*'.
 *
 * Owner:   *out is released by sl_combinations_release(), also after an error.  Without keys to be
 *          found there is one combination, of no values.
 * Errors:  SL_EINPUT where a directory cannot be read, SL_ENOMEM.
 */
SL_MUST_CHECK sl_status sl_discover(const struct sl_input_spec *spec,
                                    const struct sl_template *template, struct sl_finder *finder,
                                    struct sl_combinations *out, struct sl_error *err);

#endif
