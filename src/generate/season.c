/* Tournaments and matches: a calendar much like the tour's, draws in which the better ranked are
 * likelier to be, and matches that the stronger is likelier to win. */
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { N_CALENDAR = 70, FIRST_NEW_LEVELS = 2009 };

/* A category of tournament: its size, how many of the ranked turn up, and what it is called before
 * and after the tour renamed its levels. */
struct category {
    int         draw;
    int         turnout_permille;
    const char *old_level, *new_level;
};
static const struct category categories[] = {
    {128, 950, "G", "G"},
    {64, 800, "T1", "PM"},
    {32, 300, "T2", "P"},
    {32, 160, "T3", "I"},
};

/* A word a week, a digit a tournament: its index in `categories`.  N_CALENDAR digits, 2810 matches;
 * after the last week the calendar begins anew. */
static const char *const calendar[] = {
    "33", "23", "0",  "33", "23", "2",  "23", "23", "33", "1",  "3",  "1",  "23", "33", "2",
    "1",  "23", "1",  "23", "3",  "33", "0",  "33", "23", "23", "0",  "33", "23", "33", "23",
    "1",  "1",  "23", "23", "0",  "33", "23", "1",  "33", "1",  "23", "33", "2",  "3",
};

const char *sl_round_name(int n_alive)
{
    switch (n_alive) {
    case 128:
        return "R128";
    case 64:
        return "R64";
    case 32:
        return "R32";
    case 16:
        return "R16";
    case 8:
        return "QF";
    case 4:
        return "SF";
    default:
        return "F";
    }
}

static enum sl_surface surface_of_week(int year, int week)
{
    if (week >= 14 && week < 23)
        return SL_CLAY;
    if (week >= 23 && week < 27)
        return SL_GRASS;
    if (week >= 38 && year < FIRST_NEW_LEVELS && week % 2 == 0)
        return SL_CARPET;
    return SL_HARD;
}

void sl_tournament_init(struct sl_tournament *tournament, uint64_t seed, int year, int number)
{
    static const char *const begins[] = {"North", "South", "East",  "West",  "Old",
                                         "New",   "Upper", "Lower", "Great", "Little"};
    static const char *const ends[] = {"bridge", "haven", "field", "ford", "mouth",
                                       "ton",    "burgh", "dale",  "port", "wood"};
    static const char *const kinds[] = {"Open", "Classic", "Cup", "International"};

    int                    left = (number - 1) % N_CALENDAR;
    int                    week = 0;
    struct sl_chance       chance;
    const struct category *category;

    while (left >= (int)strlen(calendar[week]))
        left -= (int)strlen(calendar[week++]);
    category = &categories[calendar[week][left] - '0'];
    *tournament = (struct sl_tournament){
        .year = year,
        .number = number,
        .week = week,
        .draw = category->draw,
        .turnout_permille = category->turnout_permille,
        .surface = surface_of_week(year, week),
        .level = year < FIRST_NEW_LEVELS ? category->old_level : category->new_level,
    };
    /* The same place every year. */
    chance.state = sl_chance_mix(seed, -1, number, 0);
    snprintf(tournament->name, sizeof tournament->name, "%s%s %s",
             begins[sl_chance_below(&chance, 10)], ends[sl_chance_below(&chance, 10)],
             kinds[category == &categories[0] ? 0 : sl_chance_below(&chance, 4)]);
}

/* Direct entrants come down the ranking, then chance takes qualifiers and wild cards below them;
 * whom[draw] in the order they were taken. */
static void choose_entrants(const struct sl_tournament *tournament, const struct sl_field *field,
                            struct sl_chance *chance, struct sl_entrant *whom)
{
    const int16_t *by_rank = field->by_rank[tournament->week];
    bool           taken[SL_N_PLAYERS] = {false};
    int            n_direct = tournament->draw - tournament->draw * 3 / 16;
    int            n_seeds = tournament->draw / 4;
    int            n = 0;
    int            place = 0;

    for (; place < SL_N_PLAYERS && n < n_direct; place++) {
        if (!sl_chance_permille(chance, tournament->turnout_permille))
            continue;
        taken[place] = true;
        whom[n] = (struct sl_entrant){by_rank[place], n < n_seeds ? n + 1 : 0, ""};
        n++;
    }
    while (n < tournament->draw) {
        place = (place + sl_chance_range(chance, 1, 5)) % SL_N_PLAYERS;
        if (taken[place])
            continue;
        taken[place] = true;
        whom[n] = (struct sl_entrant){by_rank[place], 0, n % 3 == 0 ? "WC" : "Q"};
        n++;
    }
}

/* Bits of i in reverse: spreads the seeds over the sections so that the best meet last. */
static int reversed(int i, int n)
{
    int result = 0;

    for (int bit = 1; bit < n; bit *= 2)
        if (i & bit)
            result += n / (2 * bit);
    return result;
}

void sl_tournament_draw(const struct sl_tournament *tournament, const struct sl_field *field,
                        struct sl_chance *chance, struct sl_entrant *entrants)
{
    struct sl_entrant whom[SL_MAX_DRAW];
    int               draw = tournament->draw;
    int               n_seeds = draw / 4;
    int               next = n_seeds;

    choose_entrants(tournament, field, chance, whom);
    for (int i = draw - 1; i > n_seeds; i--) { /* shuffle the unseeded */
        int               other = sl_chance_range(chance, n_seeds, i);
        struct sl_entrant kept = whom[i];

        whom[i] = whom[other];
        whom[other] = kept;
    }
    for (int line = 0; line < draw; line++) {
        bool seeded = line % 4 == 0;

        entrants[line] = seeded ? whom[reversed(line / 4, n_seeds)] : whom[next++];
    }
}
