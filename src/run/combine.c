/* Fourth stage: every chunk has its place; all ranks write their rows into one file together, which
 * then gets its name. */
#include <stdlib.h>
#include <string.h>

#include "about.h"
#include "run_impl.h"
#include "scoreline/clock.h"
#include "scoreline/memory.h"
#include "scoreline/sink.h"
#include "scoreline/version.h"

enum { N_ATTRIBUTES = 8, N_PROVENANCE = 11 };

/* Where this rank's rows go. */
static sl_status make_slabs(const struct run *run, struct sl_slab **out, size_t *n,
                            struct sl_error *err)
{
    struct sl_slab *slabs = NULL;
    sl_status       rc = sl_alloc_array(run->rows.n_chunks, sizeof *slabs, &slabs, err);

    if (rc != SL_OK)
        return rc;
    *n = 0;
    for (int64_t c = 0; c < run->plan.n_chunks; c++) {
        const struct sl_rows_chunk *mine = run->totals.mine[c];

        if (mine != NULL && mine->n_rows > 0)
            slabs[(*n)++] = (struct sl_slab){
                .from = mine->first_row, .to = run->totals.first_row[c], .n_rows = mine->n_rows};
    }
    *out = slabs;
    return SL_OK;
}

/* The longest text that this rank gives; what a wrong guess left behind does not count. */
static int64_t widest_text(const struct sl_table_column *column, const struct sl_slab *slabs,
                           size_t n_slabs)
{
    size_t widest = SL_LEAST_WIDTH;

    for (size_t s = 0; s < n_slabs; s++) {
        for (int64_t i = 0; i < slabs[s].n_rows; i++) {
            size_t n_bytes = sl_table_text(column, slabs[s].from + (size_t)i).n_bytes;

            widest = n_bytes > widest ? n_bytes : widest;
        }
    }
    return (int64_t)widest;
}

/* The width of every text column, that of the widest rank; 0 for the others. */
static sl_status agree_widths(const struct run *run, const struct sl_slab *slabs, size_t n_slabs,
                              int64_t **out, struct sl_error *err)
{
    const struct sl_table *table = &run->rows.table;
    int64_t               *widths = NULL;
    sl_status              rc;

    rc = sl_alloc_array((size_t)table->n_columns, sizeof *widths, &widths, err);
    SL_TRY(sl_comm_agree(run->comm, rc, err));
    for (int i = 0; i < table->n_columns; i++)
        if (table->columns[i].dtype == SL_FIXED_TEXT)
            widths[i] = widest_text(&table->columns[i], slabs, n_slabs);
    sl_comm_max_i64(run->comm, widths, (size_t)table->n_columns);
    *out = widths;
out:
    return rc;
}

/* Texts that say where a file came from. */
struct texts {
    struct about         about;
    struct sl_named_text attributes[N_ATTRIBUTES];
    struct sl_named_text provenance[N_PROVENANCE];
};

static void list_texts(const struct run *run, struct texts *texts)
{
    const struct about        *about = &texts->about;
    const struct sl_named_text attributes[N_ATTRIBUTES] = {
        {"Conventions", "CF-1.10"},
        {"title", run->job->name},
        {"history", about->history},
        {"source", sl_version_line()},
        {"run_id", about->run_id},
        {"fingerprint", run->fingerprint.run},
        {"model_fingerprint", run->fingerprint.model},
        {"scoring_fingerprint", run->fingerprint.scoring},
    };
    const struct sl_named_text provenance[N_PROVENANCE] = {
        {"job", run->job->text},
        {"job_file", run->job->file},
        {"model", run->model_text},
        {"partitions", run->plan.names != NULL ? run->plan.names : ""},
        {"command", run->opts->command},
        {"directory", about->directory},
        {"version", sl_version_line()},
        {"components", sl_version_components()},
        {"host", about->host},
        {"ranks", about->n_ranks},
        {"created", about->date},
    };

    memcpy(texts->attributes, attributes, sizeof attributes);
    memcpy(texts->provenance, provenance, sizeof provenance);
}

static sl_status write_file(struct run *run, const struct sl_sink_spec *spec,
                            const struct sl_slab *slabs, size_t n_slabs, struct sl_error *err)
{
    struct sl_sink *sink = NULL;
    double          began;
    sl_status       rc;

    SL_TRY(sl_sink_create(run->comm, spec, &sink, err));
    SL_TRY(sl_sink_write(sink, &run->rows.table, slabs, n_slabs, err));
    began = sl_clock_now();
    SL_TRY(sl_sink_commit(sink, err));
    run->seconds[SL_PHASE_PUBLISH] = sl_clock_now() - began;
    run->seconds[SL_PHASE_COMBINE] -= run->seconds[SL_PHASE_PUBLISH];
out:
    sl_sink_close(sink);
    return rc;
}

sl_status run_combine(struct run *run, struct sl_error *err)
{
    struct texts    texts;
    struct sl_table tables[RUN_N_TABLES] = {{0}};
    struct sl_slab *slabs = NULL;
    size_t          n_slabs = 0;
    int64_t        *widths = NULL;
    sl_status       rc;

    SL_TRY(run_tables(run, tables, err));
    SL_TRY(sl_comm_agree(run->comm, make_slabs(run, &slabs, &n_slabs, err), err));
    SL_TRY(agree_widths(run, slabs, n_slabs, &widths, err));
    about_tell(run->comm, run->opts->command, &texts.about);
    list_texts(run, &texts);
    const struct sl_sink_spec spec = {.path = run->output,
                                      .attributes = texts.attributes,
                                      .n_attributes = N_ATTRIBUTES,
                                      .provenance = texts.provenance,
                                      .n_provenance = N_PROVENANCE,
                                      .tables = tables,
                                      .n_tables = RUN_N_TABLES,
                                      .rows = &run->rows.table,
                                      .widths = widths,
                                      .n_rows = run->totals.first_row[run->plan.n_chunks],
                                      .compress = (int)run->job->output.compress};
    rc = write_file(run, &spec, slabs, n_slabs, err);
out:
    free(widths);
    free(slabs);
    for (int i = 0; i < RUN_N_TABLES; i++)
        sl_table_release(&tables[i]);
    return rc;
}
