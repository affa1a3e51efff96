/* The demo data set, top-down: years, tournaments, rounds, matches.  A file has its
 * name only when it is whole, so that a directory never holds half a year. */
#include "scoreline/generate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "world.h"
#include "scoreline/memory.h"
#include "scoreline/text.h"

static sl_status make_directories(const char *path, struct sl_error *err);
static sl_status write_year(const struct sl_generate_opts *opts, int year, struct sl_field *field,
                            struct sl_error *err);
static sl_status write_matches(const struct sl_generate_opts *opts, int year,
                               const struct sl_field *field, const char *path,
                               struct sl_error *err);
static int64_t   write_tournament(const struct sl_tournament *tournament,
                                  const struct sl_field *field, struct sl_chance *chance,
                                  int64_t n_wanted, struct sl_csv_writer *writer);

sl_status sl_generate(const struct sl_generate_opts *opts, struct sl_error *err)
{
    struct sl_field *field = NULL;
    sl_status        rc;

    if (opts->first_year < 1 || opts->first_year > opts->last_year || opts->last_year > 9999)
        return sl_fail(err, SL_EUSAGE, "years %d..%d: expected a range within 1..9999",
                       opts->first_year, opts->last_year);
    SL_TRY(make_directories(opts->directory, err));
    SL_TRY(sl_alloc_array(1, sizeof *field, &field, err));
    for (int year = opts->first_year; year <= opts->last_year; year++)
        SL_TRY(write_year(opts, year, field, err));
out:
    free(field);
    return rc;
}

static sl_status write_year(const struct sl_generate_opts *opts, int year, struct sl_field *field,
                            struct sl_error *err)
{
    struct sl_text name = {0};
    sl_status      rc;

    SL_TRY(sl_text_add(&name, err, "%s/wta_matches_%d.csv", opts->directory, year));
    sl_field_init(field, opts->seed, year);
    SL_TRY(write_matches(opts, year, field, name.data, err));
out:
    sl_text_release(&name);
    return rc;
}

static sl_status write_matches(const struct sl_generate_opts *opts, int year,
                               const struct sl_field *field, const char *path, struct sl_error *err)
{
    struct sl_csv_writer *writer = NULL;
    int64_t               n_written = 0;
    sl_status             rc;

    SL_TRY(sl_csv_writer_open(path, opts->quote_all, &writer, err));
    sl_csv_writer_header(writer);
    for (int number = 1; n_written < opts->n_rows; number++) {
        struct sl_chance     chance = {sl_chance_mix(opts->seed, year, number, 0)};
        struct sl_tournament tournament;

        sl_tournament_init(&tournament, opts->seed, year, number);
        n_written +=
            write_tournament(&tournament, field, &chance, opts->n_rows - n_written, writer);
    }
    SL_TRY(sl_csv_writer_commit(writer, err));
out:
    sl_csv_writer_close(writer);
    return rc;
}

/* Rounds of a knock-out draw: the winners of one are the pairs of the next, in their order. */
static int64_t write_tournament(const struct sl_tournament *tournament,
                                const struct sl_field *field, struct sl_chance *chance,
                                int64_t n_wanted, struct sl_csv_writer *writer)
{
    struct sl_entrant alive[SL_MAX_DRAW];
    struct sl_match   match = {0};

    sl_tournament_draw(tournament, field, chance, alive);
    for (int n_alive = tournament->draw; n_alive > 1; n_alive /= 2) {
        match.round = sl_round_name(n_alive);
        for (int i = 0; i < n_alive; i += 2) {
            if (match.number == n_wanted)
                return n_wanted;
            match.number++;
            sl_match_play(tournament, field, chance, &alive[i], &match);
            sl_csv_writer_match(writer, tournament, field, &match);
            alive[i / 2] = match.winner;
        }
    }
    return match.number;
}

/* As mkdir -p: one that is there already is no fault. */
static sl_status make_directories(const char *path, struct sl_error *err)
{
    char     *prefix = NULL;
    sl_status rc;

    SL_TRY(sl_copy_text(path, &prefix, err));
    for (char *end = prefix; end != NULL;) {
        end = strchr(end + 1, '/');
        if (end != NULL)
            *end = '\0';
        if (mkdir(prefix, 0777) != 0 && errno != EEXIST) {
            rc =
                sl_fail(err, SL_EOUTPUT, "cannot make directory '%s': %s", prefix, strerror(errno));
            goto out;
        }
        if (end != NULL)
            *end = '/';
    }
out:
    free(prefix);
    return rc;
}
