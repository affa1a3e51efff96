/* One text that stands for values of a partition key: a value, or a range of integers, dates or
 * months, written out.  Values become parts of file names and are joined by '/' into partition
 * names, so that a few texts are refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job_internal.h"
#include "scoreline/memory.h"

enum { MAX_VALUES = 1000000, MAX_DIGITS = 18 };

/* A day, or with day = 0 a month. */
struct date {
    int year;
    int month;
    int day;
};

static sl_status add_range(struct sl_key *key, size_t *capacity, const char *text,
                           struct sl_error *err);
static sl_status add_integers(struct sl_key *key, size_t *capacity, const char *text, const char *a,
                              const char *b, struct sl_error *err);
static sl_status add_dates(struct sl_key *key, size_t *capacity, const char *text, const char *a,
                           const char *b, struct sl_error *err);

static sl_status fail_many(struct sl_error *err)
{
    return sl_fail(err, SL_EJOB, "more than %d values", MAX_VALUES);
}

static sl_status add_value(struct sl_key *key, size_t *capacity, const char *text,
                           struct sl_error *err)
{
    sl_status rc;

    if (key->n_values == MAX_VALUES)
        return fail_many(err);
    SL_TRY(
        sl_grow_array(&key->values, capacity, (size_t)key->n_values + 1, sizeof *key->values, err));
    SL_TRY(sl_copy_text(text, &key->values[key->n_values], err));
    key->n_values++;
out:
    return rc;
}

sl_status sl_job_add_key_values(struct sl_key *key, size_t *capacity, const char *text,
                                struct sl_error *err)
{
    if (text[0] == '\0')
        return sl_fail(err, SL_EJOB, "a value must not be empty");
    if (strchr(text, '/') != NULL || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return sl_fail(err, SL_EJOB, "the value '%s' leads to another directory", text);
    if (strchr(text, '*') != NULL)
        return sl_fail(err, SL_EJOB,
                       "the value '%s' has a '*'; a key that is left out takes the values found",
                       text);
    if (strstr(text, "..") != NULL)
        return add_range(key, capacity, text, err);
    return add_value(key, capacity, text, err);
}

static bool is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whether a text looks like YYYY-MM or YYYY-MM-DD; its calendar is looked at later. */
static bool is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    size_t            n = strlen(text);

    if (n != 7 && n != 10)
        return false;
    for (size_t i = 0; i < n; i++)
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static sl_status add_range(struct sl_key *key, size_t *capacity, const char *text,
                           struct sl_error *err)
{
    const char *dots = strstr(text, "..");
    const char *b = dots + 2;
    char       *a = NULL;
    sl_status   rc;

    SL_TRY(sl_copy_text(text, &a, err));
    a[dots - text] = '\0';
    if (is_digits(a) && is_digits(b) && strlen(a) <= MAX_DIGITS && strlen(b) <= MAX_DIGITS)
        rc = add_integers(key, capacity, text, a, b, err);
    else if (is_date(a) && is_date(b))
        rc = add_dates(key, capacity, text, a, b, err);
    else
        rc = sl_fail(err, SL_EJOB,
                     "'%s' is no range of integers (2000..2016), dates (2015-01-01..2015-03-31) or "
                     "months (2015-11..2016-02)",
                     text);
out:
    free(a);
    return rc;
}

static sl_status fail_empty(const char *text, struct sl_error *err)
{
    return sl_fail(err, SL_EJOB, "the range '%s' is empty", text);
}

/* Zero padding is kept: where an end begins with 0, all values are as wide as the ends. */
static sl_status add_integers(struct sl_key *key, size_t *capacity, const char *text, const char *a,
                              const char *b, struct sl_error *err)
{
    const bool    padded = (a[0] == '0' && a[1] != '\0') || (b[0] == '0' && b[1] != '\0');
    const int     width = padded ? (int)strlen(a) : 1;
    const int64_t first = strtoll(a, NULL, 10);
    const int64_t last = strtoll(b, NULL, 10);
    char          number[MAX_DIGITS + 2];
    sl_status     rc = SL_OK;

    if (padded && strlen(a) != strlen(b))
        return sl_fail(err, SL_EJOB,
                       "the ends of '%s' must be of one width where one begins with 0", text);
    if (last < first)
        return fail_empty(text, err);
    if (last - first >= MAX_VALUES - key->n_values) /* before there is one of them */
        return fail_many(err);
    for (int64_t i = first; i <= last && rc == SL_OK; i++) {
        snprintf(number, sizeof number, "%0*" PRId64, width, i);
        rc = add_value(key, capacity, number, err);
    }
    return rc;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool       is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

static sl_status read_date(const char *text, struct date *date, struct sl_error *err)
{
    date->year = (int)strtol(text, NULL, 10);
    date->month = (int)strtol(text + 5, NULL, 10);
    date->day = text[7] == '\0' ? 0 : (int)strtol(text + 8, NULL, 10);
    if (date->month < 1 || date->month > 12)
        return sl_fail(err, SL_EJOB, "'%s' is no month of the calendar", text);
    if (text[7] != '\0' && (date->day < 1 || date->day > days_of(date->year, date->month)))
        return sl_fail(err, SL_EJOB, "'%s' is no day of the calendar", text);
    return SL_OK;
}

static void print_date(const struct date *date, char *out, size_t out_bytes)
{
    if (date->day == 0)
        snprintf(out, out_bytes, "%04d-%02d", date->year, date->month);
    else
        snprintf(out, out_bytes, "%04d-%02d-%02d", date->year, date->month, date->day);
}

static void next_date(struct date *date)
{
    if (date->day != 0 && date->day < days_of(date->year, date->month)) {
        date->day++;
        return;
    }
    date->day = date->day != 0;
    date->month++;
    if (date->month == 13) {
        date->month = 1;
        date->year++;
    }
}

/* As texts, dates of one form stand in the order of the calendar. */
static sl_status add_dates(struct sl_key *key, size_t *capacity, const char *text, const char *a,
                           const char *b, struct sl_error *err)
{
    struct date at = {0};
    struct date last = {0};
    char        date[48];
    sl_status   rc;

    SL_TRY(read_date(a, &at, err));
    SL_TRY(read_date(b, &last, err));
    if (strlen(a) != strlen(b))
        return sl_fail(err, SL_EJOB, "the ends of '%s' must both be days or both be months", text);
    if (strcmp(a, b) > 0)
        return fail_empty(text, err);
    for (;; next_date(&at)) {
        print_date(&at, date, sizeof date);
        SL_TRY(add_value(key, capacity, date, err));
        if (strcmp(date, b) == 0)
            break;
    }
out:
    return rc;
}
