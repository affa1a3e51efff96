# shellcheck shell=bash
# Comparisons of a test in bash: expect, any number of times, then expect_end as the last command.
n_passed=0 n_failed=0

expect() # WHAT EXPECTED FOUND
{
    if [ "$2" = "$3" ]; then
        n_passed=$((n_passed + 1))
    else
        n_failed=$((n_failed + 1))
        printf "%s:\nexpected '%s'\nfound    '%s'\n" "$1" "$2" "$3"
    fi
}

expect_end()
{
    echo "$n_passed passed, $n_failed failed"
    [ "$n_failed" = 0 ] && [ "$n_passed" -gt 0 ]
}
