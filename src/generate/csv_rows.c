/* Matches as CSV, in the columns of the public files.  Figures are formatted by hand and writes go
 * through one buffer: benchmarks make gigabytes with this. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/file.h"
#include "scoreline/memory.h"

enum { BUFFER_BYTES = 1 << 18, ROW_ROOM = 4096 /* more than any row or the header takes */ };

struct sl_csv_writer {
    struct sl_file_out *file;
    sl_status           rc; /* of the first write that failed */
    struct sl_error     fault;
    bool                quote_all;
    size_t              n_bytes;
    char                buffer[BUFFER_BYTES];
};

/* Those of the public files, in their order. */
static const char *const columns[] = {
    "tourney_id",
    "tourney_name",
    "surface",
    "draw_size",
    "tourney_level",
    "tourney_date",
    "match_num",
    "winner_id",
    "winner_seed",
    "winner_entry",
    "winner_name",
    "winner_hand",
    "winner_ht",
    "winner_ioc",
    "winner_age",
    "loser_id",
    "loser_seed",
    "loser_entry",
    "loser_name",
    "loser_hand",
    "loser_ht",
    "loser_ioc",
    "loser_age",
    "score",
    "best_of",
    "round",
    "minutes",
    "w_ace",
    "w_df",
    "w_svpt",
    "w_1stIn",
    "w_1stWon",
    "w_2ndWon",
    "w_SvGms",
    "w_bpSaved",
    "w_bpFaced",
    "l_ace",
    "l_df",
    "l_svpt",
    "l_1stIn",
    "l_1stWon",
    "l_2ndWon",
    "l_SvGms",
    "l_bpSaved",
    "l_bpFaced",
    "winner_rank",
    "winner_rank_points",
    "loser_rank",
    "loser_rank_points",
};

static void flush(struct sl_csv_writer *writer);

sl_status sl_csv_writer_open(const char *path, bool quote_all, struct sl_csv_writer **out,
                             struct sl_error *err)
{
    struct sl_csv_writer *writer = NULL;
    sl_status             rc;

    SL_TRY(sl_alloc_array(1, sizeof *writer, &writer, err));
    writer->quote_all = quote_all;
    SL_TRY(sl_file_out_create(path, &writer->file, err));
out:
    if (rc != SL_OK) {
        sl_csv_writer_close(writer);
        writer = NULL;
    }
    *out = writer;
    return rc;
}

sl_status sl_csv_writer_commit(struct sl_csv_writer *writer, struct sl_error *err)
{
    sl_status rc;

    flush(writer);
    if (writer->rc != SL_OK) {
        *err = writer->fault;
        return writer->rc;
    }
    rc = sl_file_out_commit(writer->file, err);
    writer->file = NULL;
    return rc;
}

void sl_csv_writer_close(struct sl_csv_writer *writer)
{
    if (writer == NULL)
        return;
    sl_file_out_abandon(writer->file);
    free(writer);
}

static void flush(struct sl_csv_writer *writer)
{
    if (writer->rc == SL_OK)
        writer->rc = sl_file_out_add(writer->file, writer->buffer, writer->n_bytes, &writer->fault);
    writer->n_bytes = 0;
}

static void put_char(struct sl_csv_writer *writer, char c)
{
    writer->buffer[writer->n_bytes++] = c;
}

static void put_bytes(struct sl_csv_writer *writer, const char *text)
{
    size_t n = strlen(text);

    memcpy(writer->buffer + writer->n_bytes, text, n);
    writer->n_bytes += n;
}

/* At least `width` digits, zeros in front. */
static void put_digits(struct sl_csv_writer *writer, int value, int width)
{
    char digits[16];
    int  n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || n < width);
    while (n > 0)
        put_char(writer, digits[--n]);
}

/* A field is begun and ended around whatever puts its bytes; the comma after the last field of a
 * row becomes its line end. */
static void begin_field(struct sl_csv_writer *writer)
{
    if (writer->quote_all)
        put_char(writer, '"');
}

static void end_field(struct sl_csv_writer *writer)
{
    if (writer->quote_all)
        put_char(writer, '"');
    put_char(writer, ',');
}

static void end_row(struct sl_csv_writer *writer)
{
    writer->buffer[writer->n_bytes - 1] = '\n';
    if (writer->n_bytes > BUFFER_BYTES - ROW_ROOM)
        flush(writer);
}

static void put_text(struct sl_csv_writer *writer, const char *text)
{
    begin_field(writer);
    put_bytes(writer, text);
    end_field(writer);
}

static void put_int(struct sl_csv_writer *writer, int value)
{
    begin_field(writer);
    put_digits(writer, value, 1);
    end_field(writer);
}

/* An integer, or an empty field. */
static void put_known(struct sl_csv_writer *writer, bool known, int value)
{
    begin_field(writer);
    if (known)
        put_digits(writer, value, 1);
    end_field(writer);
}

void sl_csv_writer_header(struct sl_csv_writer *writer)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        put_text(writer, columns[i]);
    end_row(writer);
}

/* Monday of the week, near enough: years are taken as common ones. */
static int date_of_week(int year, int week)
{
    static const int month_ends[] = {31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int              day = 7 * week + 5; /* of the year, from 1 */
    int              month = 0;

    while (day > month_ends[month])
        month++;
    if (month > 0)
        day -= month_ends[month - 1];
    return year * 10000 + (month + 1) * 100 + day;
}

static void put_tournament(struct sl_csv_writer *writer, const struct sl_tournament *tournament)
{
    static const char *const surfaces[] = {"Hard", "Clay", "Grass", "Carpet"};

    begin_field(writer);
    put_digits(writer, tournament->year, 4);
    put_char(writer, '-');
    put_digits(writer, tournament->number, 3);
    end_field(writer);
    put_text(writer, tournament->name);
    put_text(writer, surfaces[tournament->surface]);
    put_int(writer, tournament->draw);
    put_text(writer, tournament->level);
    put_int(writer, date_of_week(tournament->year, tournament->week));
}

static void put_player(struct sl_csv_writer *writer, const struct sl_player *player,
                       const struct sl_entrant *entrant, int week)
{
    int  age = player->age_tenths + week * 10 / SL_N_WEEKS;
    char hand[2] = {player->hand, '\0'};

    put_int(writer, player->id);
    put_known(writer, entrant->seed > 0, entrant->seed);
    put_text(writer, entrant->entry);
    put_text(writer, player->name);
    put_text(writer, hand);
    put_known(writer, player->height_cm > 0, player->height_cm);
    put_text(writer, player->country);
    begin_field(writer);
    put_digits(writer, age / 10, 1);
    put_char(writer, '.');
    put_digits(writer, age % 10, 1);
    end_field(writer);
}

static void put_stats(struct sl_csv_writer *writer, bool known, const struct sl_serve_stats *s)
{
    put_known(writer, known, s->ace);
    put_known(writer, known, s->df);
    put_known(writer, known, s->svpt);
    put_known(writer, known, s->first_in);
    put_known(writer, known, s->first_won);
    put_known(writer, known, s->second_won);
    put_known(writer, known, s->games);
    put_known(writer, known, s->bp_saved);
    put_known(writer, known, s->bp_faced);
}

static void put_standing(struct sl_csv_writer *writer, bool known,
                         const struct sl_standing *standing)
{
    put_known(writer, known, standing->rank);
    put_known(writer, known, standing->points);
}

void sl_csv_writer_match(struct sl_csv_writer *writer, const struct sl_tournament *tournament,
                         const struct sl_field *field, const struct sl_match *match)
{
    int                       week = tournament->week;
    const struct sl_standing *standings = field->standings[week];

    put_tournament(writer, tournament);
    put_int(writer, match->number);
    put_player(writer, &field->players[match->winner.player], &match->winner, week);
    put_player(writer, &field->players[match->loser.player], &match->loser, week);
    put_text(writer, match->score);
    put_int(writer, 3);
    put_text(writer, match->round);
    put_known(writer, match->minutes > 0, match->minutes);
    put_stats(writer, match->has_stats, &match->stats[0]);
    put_stats(writer, match->has_stats, &match->stats[1]);
    put_standing(writer, match->ranked[0], &standings[match->winner.player]);
    put_standing(writer, match->ranked[1], &standings[match->loser.player]);
    end_row(writer);
}
