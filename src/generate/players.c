/* Who plays in a year and how well.  A player fills a slot for a career of twelve years, then
 * another takes it over; all that is said of one comes from hashes of seed, slot and career, so
 * that any year can be made without the years before it. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "scoreline/hash.h"

enum { CAREER_YEARS = 12 };

/* What a hash is for: the third coordinate of sl_chance_mix(). */
enum { FOR_TALENT, FOR_PERSON, FOR_FORM, FOR_POINTS };

static void person_init(struct sl_player *player, struct sl_chance chance);
static int  season_strength(uint64_t seed, int slot, int year, int *noise);
static void season_points(uint64_t seed, int year, int *points);
static void rank_week(struct sl_field *field, int week);

uint64_t sl_chance_next(struct sl_chance *chance)
{
    uint64_t value = sl_mix64(chance->state);

    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    return value;
}

int sl_chance_below(struct sl_chance *chance, int n)
{
    return (int)(((sl_chance_next(chance) >> 32) * (uint64_t)n) >> 32);
}

int sl_chance_range(struct sl_chance *chance, int low, int high)
{
    return low + sl_chance_below(chance, high - low + 1);
}

bool sl_chance_permille(struct sl_chance *chance, int permille)
{
    return sl_chance_below(chance, 1000) < permille;
}

uint64_t sl_chance_mix(uint64_t seed, int64_t a, int64_t b, int64_t c)
{
    uint64_t value = sl_mix64(seed);

    value = sl_mix64(value ^ (uint64_t)a);
    value = sl_mix64(value ^ (uint64_t)b);
    return sl_mix64(value ^ (uint64_t)c);
}

/* Careers begin in different years; the offset keeps the quotient of early years positive. */
static int career_of(int slot, int year)
{
    return (year + 12000 + slot) / CAREER_YEARS;
}

static int career_year(int slot, int year)
{
    return (year + 12000 + slot) % CAREER_YEARS;
}

void sl_field_init(struct sl_field *field, uint64_t seed, int year)
{
    int before[SL_N_PLAYERS];
    int after[SL_N_PLAYERS];

    season_points(seed, year - 1, before);
    season_points(seed, year, after);
    for (int slot = 0; slot < SL_N_PLAYERS; slot++) {
        struct sl_player *player = &field->players[slot];
        int               career = career_of(slot, year);
        struct sl_chance  chance = {sl_chance_mix(seed, slot, career, FOR_PERSON)};
        int               strength = season_strength(seed, slot, year, NULL);

        person_init(player, chance);
        player->id = 200000 + (career * SL_N_PLAYERS + slot) % 800000;
        player->age_tenths += 10 * career_year(slot, year);
        for (int s = 0; s < SL_N_SURFACES; s++)
            player->strength[s] += strength;
        if (career_of(slot, year - 1) != career) /* she who had the slot took her points along */
            before[slot] = after[slot] / 8;
    }
    for (int week = 0; week < SL_N_WEEKS; week++) {
        for (int slot = 0; slot < SL_N_PLAYERS; slot++)
            field->standings[week][slot].points =
                (before[slot] * (SL_N_WEEKS - week) + after[slot] * week) / SL_N_WEEKS;
        rank_week(field, week);
    }
}

static void add_syllables(char *name, size_t room, const char *const *syllables, int n_syllables,
                          int n, struct sl_chance *chance)
{
    size_t begin = strlen(name);

    for (int i = 0; i < n; i++) {
        const char *syllable = syllables[sl_chance_below(chance, n_syllables)];

        strncat(name, syllable, room - strlen(name) - 1);
    }
    name[begin] = (char)(name[begin] - 'a' + 'A');
}

/* What stays with a player all her career. */
static void person_init(struct sl_player *player, struct sl_chance chance)
{
    static const char *const first[] = {
        "a", "be", "ca", "da", "el", "fi", "ga", "ha", "i",  "jo", "ka", "li", "ma", "na",
        "o", "pe", "ri", "sa", "ti", "u",  "va", "wi", "ya", "ze", "mi", "ra", "le", "no",
    };
    static const char *const last[] = {
        "ber", "cor", "dan", "el",  "far", "gor", "hol", "in",  "jan", "kov", "lan",
        "mar", "nes", "or",  "pet", "ren", "sol", "tor", "ul",  "var", "wen", "yor",
        "zan", "bri", "dra", "fel", "gri", "hal", "ket", "lor", "mil", "nov",
    };
    static const char *const countries[] = {
        "ARG", "AUS", "AUT", "BEL", "BLR", "BRA", "BUL", "CAN", "CHN", "CRO", "CZE",
        "ESP", "FRA", "GBR", "GER", "HUN", "ITA", "JPN", "NED", "POL", "ROU", "RSA",
        "RUS", "SRB", "SUI", "SVK", "SWE", "THA", "TPE", "UKR", "USA",
    };
    int n_countries = (int)(sizeof countries / sizeof *countries);

    player->name[0] = '\0';
    add_syllables(player->name, sizeof player->name, first, (int)(sizeof first / sizeof *first),
                  sl_chance_range(&chance, 2, 3), &chance);
    strncat(player->name, " ", sizeof player->name - strlen(player->name) - 1);
    add_syllables(player->name, sizeof player->name, last, (int)(sizeof last / sizeof *last),
                  sl_chance_range(&chance, 2, 3), &chance);
    player->country = countries[sl_chance_below(&chance, n_countries)];
    player->hand = "RRRRRRRRL"[sl_chance_below(&chance, 9)];
    if (sl_chance_permille(&chance, 20))
        player->hand = 'U';
    player->height_cm = sl_chance_permille(&chance, 60) ? 0 : sl_chance_range(&chance, 160, 188);
    player->age_tenths = sl_chance_range(&chance, 160, 199);
    for (int s = 0; s < SL_N_SURFACES; s++)
        player->strength[s] = sl_chance_range(&chance, -60, 60);
}

/* Talent for life, a curve over the career, and luck of the year; `noise` (may be NULL) is by how
 * much the ranking misjudges her. */
static int season_strength(uint64_t seed, int slot, int year, int *noise)
{
    static const int curve[CAREER_YEARS] = {-180, -110, -60, -20, 0, 20, 25, 20, 5, -20, -60, -110};
    struct sl_chance life = {sl_chance_mix(seed, slot, career_of(slot, year), FOR_TALENT)};
    struct sl_chance luck = {sl_chance_mix(seed, slot, year, FOR_FORM)};
    int              form = sl_chance_range(&luck, -60, 60);
    int              talent = 0;

    for (int i = 0; i < 4; i++) /* a sum of uniforms: few are very good */
        talent += sl_chance_below(&life, 251);
    if (noise != NULL)
        *noise = sl_chance_range(&luck, -60, 60);
    return talent + curve[career_year(slot, year)] + form;
}

struct judged {
    int strength;
    int slot;
};

/* Strongest first; slots settle ties, so that the order is one and the same for every qsort(). */
static int by_strength(const void *a, const void *b)
{
    const struct judged *x = a;
    const struct judged *y = b;

    if (x->strength != y->strength)
        return x->strength > y->strength ? -1 : 1;
    return x->slot < y->slot ? -1 : 1;
}

/* Points of a place at the end of a season: straight lines between anchors. */
static int points_of_place(int place)
{
    static const struct {
        int place, points;
    } anchors[] = {
        {1, 8200},  {2, 6800},  {5, 4700},  {10, 3300}, {20, 2200},
        {50, 1150}, {100, 640}, {200, 260}, {300, 110}, {SL_N_PLAYERS, 20},
    };
    int i = 1;

    while (place > anchors[i].place)
        i++;
    return anchors[i].points + (anchors[i - 1].points - anchors[i].points) *
                                   (anchors[i].place - place) /
                                   (anchors[i].place - anchors[i - 1].place);
}

static void season_points(uint64_t seed, int year, int *points)
{
    struct judged judged[SL_N_PLAYERS];

    for (int slot = 0; slot < SL_N_PLAYERS; slot++) {
        int noise;
        int strength = season_strength(seed, slot, year, &noise);

        judged[slot] = (struct judged){strength + noise, slot};
    }
    qsort(judged, SL_N_PLAYERS, sizeof *judged, by_strength);
    for (int i = 0; i < SL_N_PLAYERS; i++) {
        struct sl_chance chance = {sl_chance_mix(seed, judged[i].slot, year, FOR_POINTS)};

        points[judged[i].slot] =
            points_of_place(i + 1) * sl_chance_range(&chance, 940, 1060) / 1000;
    }
}

static void rank_week(struct sl_field *field, int week)
{
    struct judged judged[SL_N_PLAYERS];

    for (int slot = 0; slot < SL_N_PLAYERS; slot++)
        judged[slot] = (struct judged){field->standings[week][slot].points, slot};
    qsort(judged, SL_N_PLAYERS, sizeof *judged, by_strength);
    for (int i = 0; i < SL_N_PLAYERS; i++) {
        field->by_rank[week][i] = (int16_t)judged[i].slot;
        field->standings[week][judged[i].slot].rank = i + 1;
    }
}
