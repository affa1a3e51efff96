/* The parts of the demo data set: chance, players, a season of tournaments, rows as CSV.  All of it
 * is integer arithmetic, so that every machine writes the same bytes. */
#ifndef SCORELINE_GENERATE_WORLD_H
#define SCORELINE_GENERATE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scoreline/error.h"

/* Chance: SplitMix64 (Steele, Lea and Flood 2014), a counter through sl_mix64(). */
struct sl_chance {
    uint64_t state;
};
uint64_t sl_chance_next(struct sl_chance *chance);
int      sl_chance_below(struct sl_chance *chance, int n);             /* uniform on 0 .. n - 1 */
int      sl_chance_range(struct sl_chance *chance, int low, int high); /* both included */
bool     sl_chance_permille(struct sl_chance *chance, int permille);

/** A value that depends on its arguments only: the seed of an independent stream. */
uint64_t sl_chance_mix(uint64_t seed, int64_t a, int64_t b, int64_t c);

enum { SL_N_PLAYERS = 384, SL_N_WEEKS = 52, SL_MAX_DRAW = 128 };
enum sl_surface { SL_HARD, SL_CLAY, SL_GRASS, SL_CARPET, SL_N_SURFACES };

struct sl_player {
    char        name[48];
    const char *country; /* static */
    char        hand;
    int         id;
    int         height_cm;               /* 0: not known */
    int         age_tenths;              /* in the first week of the year */
    int         strength[SL_N_SURFACES]; /* Elo-like; 100 more wins 64 of 100 matches */
};

struct sl_standing {
    int rank;
    int points;
};

/* The field of one year: who plays, and the ranking of each week. */
struct sl_field {
    struct sl_player   players[SL_N_PLAYERS];
    struct sl_standing standings[SL_N_WEEKS][SL_N_PLAYERS]; /* [week][player] */
    int16_t            by_rank[SL_N_WEEKS][SL_N_PLAYERS];   /* player of rank i + 1 */
};

/** Fill a field; depends on seed and year alone, whatever years are written beside it. */
void sl_field_init(struct sl_field *field, uint64_t seed, int year);

struct sl_tournament {
    int             year;
    int             number;           /* from 1 within the year */
    int             week;             /* from 0 */
    int             draw;             /* 128, 64 or 32 */
    int             turnout_permille; /* of the ranked */
    enum sl_surface surface;
    const char     *level;
    char            name[48];
};

struct sl_entrant {
    int         player;
    int         seed;  /* 0: unseeded */
    const char *entry; /* "", "Q" or "WC" */
};

/** The tournament of that number; a calendar is repeated as often as rows are wanted. */
void sl_tournament_init(struct sl_tournament *tournament, uint64_t seed, int year, int number);

/** Choose the players of a draw and place them; entrants [tournament->draw]. */
void sl_tournament_draw(const struct sl_tournament *tournament, const struct sl_field *field,
                        struct sl_chance *chance, struct sl_entrant *entrants);

struct sl_serve_stats {
    int ace, df, svpt, first_in, first_won, second_won, games, bp_saved, bp_faced;
};

struct sl_match {
    int                   number; /* from 1 within the tournament */
    const char           *round;
    struct sl_entrant     winner, loser;
    char                  score[32];
    int                   minutes; /* 0: not known */
    bool                  has_stats;
    struct sl_serve_stats stats[2]; /* winner, loser */
    bool                  ranked[2];
};

/** Play a match between two entrants: who wins, how, and what is known of it. */
void sl_match_play(const struct sl_tournament *tournament, const struct sl_field *field,
                   struct sl_chance *chance, const struct sl_entrant pair[2],
                   struct sl_match *match);

/** "R64", ..., "F": the round in which so many players are left. */
const char *sl_round_name(int n_alive);

/* A file written through a buffer of its own; the first fault is kept, later writes do nothing. */
struct sl_csv_writer;

/** Start a file under a temporary name; *out is freed by sl_csv_writer_close(); SL_EOUTPUT,
 * SL_ENOMEM. */
SL_MUST_CHECK sl_status sl_csv_writer_open(const char *path, bool quote_all,
                                           struct sl_csv_writer **out, struct sl_error *err);
void                    sl_csv_writer_header(struct sl_csv_writer *writer);
void sl_csv_writer_match(struct sl_csv_writer *writer, const struct sl_tournament *tournament,
                         const struct sl_field *field, const struct sl_match *match);
/** Write what is left and give the file its name; SL_EOUTPUT naming it where anything failed. */
SL_MUST_CHECK sl_status sl_csv_writer_commit(struct sl_csv_writer *writer, struct sl_error *err);
void                    sl_csv_writer_close(struct sl_csv_writer *writer); /* NULL-safe */

#endif
