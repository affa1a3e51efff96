/* One match: who wins, in how many games, and what is recorded of it.  Earlier years know less. */
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { TIE_BREAK = 7 }; /* games of the winner of such a set */

static int  win_chance(int advantage);
static int  play_sets(struct sl_chance *chance, int advantage, struct sl_match *match);
static void note_knowledge(const struct sl_tournament *tournament, struct sl_chance *chance,
                           int n_games, struct sl_match *match);

void sl_match_play(const struct sl_tournament *tournament, const struct sl_field *field,
                   struct sl_chance *chance, const struct sl_entrant pair[2],
                   struct sl_match *match)
{
    int first = field->players[pair[0].player].strength[tournament->surface];
    int second = field->players[pair[1].player].strength[tournament->surface];
    int winner = sl_chance_below(chance, 65536) < win_chance(first - second) ? 0 : 1;
    int n_games;

    match->winner = pair[winner];
    match->loser = pair[1 - winner];
    n_games = play_sets(chance, winner == 0 ? first - second : second - first, match);
    note_knowledge(tournament, chance, n_games, match);
}

/* Elo's 1 / (1 + 10^(-advantage / 400)) in units of 1/65536: a table and straight lines between,
 * since pow() may differ in its last bit from one machine to another. */
static int win_chance(int advantage)
{
    static const int table[] = {32768, 37451, 41947, 46097, 49791, 52974, 55641, 57825, 59578,
                                60964, 62047, 62884, 63527, 64018, 64391, 64674, 64887};
    const int        step = 50;
    int              size = advantage < 0 ? -advantage : advantage;
    int              n = (int)(sizeof table / sizeof *table);
    int              chance = table[n - 1];

    if (size < (n - 1) * step) {
        int i = size / step;

        chance = table[i] + (table[i + 1] - table[i]) * (size % step) / step;
    }
    return advantage < 0 ? 65536 - chance : chance;
}

/* Games of the loser of a set; those of the winner follow. */
static int loser_games(struct sl_chance *chance)
{
    static const char games[] = "0011122222333333444444445566"; /* how often each is seen */

    return games[sl_chance_below(chance, (int)sizeof games - 1)] - '0';
}

static int play_set(struct sl_chance *chance, bool by_winner, char *score, size_t room)
{
    int    lost = loser_games(chance);
    int    won = lost >= 5 ? 7 : 6;
    size_t n = strlen(score);
    int    printed;

    printed = snprintf(score + n, room - n, "%s%d-%d", n > 0 ? " " : "", by_winner ? won : lost,
                       by_winner ? lost : won);
    if (lost == TIE_BREAK - 1) {
        n += (size_t)printed;
        snprintf(score + n, room - n, "(%d)", sl_chance_range(chance, 0, 8));
    }
    return won + lost;
}

/* The score as people write it; returns the number of games. */
static int play_sets(struct sl_chance *chance, int advantage, struct sl_match *match)
{
    int  three = 380 - advantage / 4;
    bool retired = sl_chance_permille(chance, 20);
    int  lost_set =
        sl_chance_permille(chance, three < 200 ? 200 : three) ? sl_chance_below(chance, 2) : -1;
    int n_sets = lost_set < 0 ? 2 : 3;
    int n_games = 0;

    match->score[0] = '\0';
    if (sl_chance_permille(chance, 4)) {
        snprintf(match->score, sizeof match->score, "W/O");
        return 0;
    }
    if (retired)
        n_sets--;
    for (int i = 0; i < n_sets; i++)
        n_games += play_set(chance, i != lost_set, match->score, sizeof match->score);
    if (retired)
        strncat(match->score, " 2-1 RET", sizeof match->score - strlen(match->score) - 1);
    return n_games;
}

static struct sl_serve_stats serve(struct sl_chance *chance, int games, bool winner)
{
    struct sl_serve_stats s = {.games = games};
    int                   second;

    s.svpt = games * sl_chance_range(chance, 55, 75) / 10;
    s.first_in = s.svpt * sl_chance_range(chance, 52, 72) / 100;
    s.first_won = s.first_in * sl_chance_range(chance, winner ? 60 : 48, winner ? 78 : 66) / 100;
    second = s.svpt - s.first_in;
    s.df = sl_chance_range(chance, 0, second < 8 ? second : 8);
    s.second_won = (second - s.df) * sl_chance_range(chance, 40, 65) / 100;
    s.ace = s.first_won * sl_chance_range(chance, 0, 18) / 100;
    s.bp_faced = games * sl_chance_range(chance, winner ? 20 : 50, winner ? 70 : 120) / 100;
    s.bp_saved = s.bp_faced * sl_chance_range(chance, 30, 75) / 100;
    return s;
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* Minutes and serve counts appear over the years, missing ranks become rare. */
static void note_knowledge(const struct sl_tournament *tournament, struct sl_chance *chance,
                           int n_games, struct sl_match *match)
{
    int  stats = clamp((tournament->year - 2002) * 60, 0, 750);
    int  unranked = clamp(60 - (tournament->year - 2000) * 50 / 15, 10, 60);
    int  luck = sl_chance_below(chance, 1000);
    bool served_first = sl_chance_below(chance, 2) == 0;

    match->ranked[0] = luck >= unranked / 3;
    match->ranked[1] = luck < unranked / 3 || luck >= unranked;
    match->has_stats = sl_chance_permille(chance, stats) && n_games > 0;
    match->minutes = 0;
    if (!match->has_stats)
        return;
    if (sl_chance_permille(chance, 900))
        match->minutes = n_games * sl_chance_range(chance, 38, 52) / 10;
    match->stats[0] = serve(chance, (n_games + served_first) / 2, true);
    match->stats[1] = serve(chance, (n_games + !served_first) / 2, false);
}
