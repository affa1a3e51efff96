#!/bin/bash
# The manual and the completions: every command and option is in them, they are well-formed, and
# bash completes what it should.
#   test_pages.sh PROGRAM PAGES_DIR
set -euo pipefail
program=$1 pages=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../support/expect.sh"

commands=$("$program" help | sed -n 's/^  \([a-z-]\{1,\}\) .*/\1/p')

# --- manual -------------------------------------------------------------------------------------

options_of() # COMMAND
{
    "$program" help "$1" | sed -n 's/^  \(-.,\|   \) --\([a-z-]\{1,\}\).*/--\2/p'
}

listed=
for command in $commands; do
    listed=$listed$(options_of "$command")
    expect "options of the page of $command" "$(options_of "$command")" \
        "$(sed -n 's/.*\\fB\\-\\-\([a-z\\-]*\)\\fR.*/--\1/p' "$pages/man1/scoreline-$command.1" | tr -d '\\')"
    expect "$command is on the first page" 1 \
        "$(grep -c "^.BR scoreline-$command (1)" <(tr -d '\\' <"$pages/man1/scoreline.1"))"
done
expect "there are commands with options" true "$([ "${#listed}" -gt 200 ] && echo true)"

# What is wrong with a page in the eyes of man and mandoc; a version that is not out has no date.
# shellcheck disable=SC2069 # stderr alone is wanted
complaints()
{
    if command -v man >/dev/null; then
        LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -l "$1" 2>&1 >/dev/null
    fi
    if command -v mandoc >/dev/null; then
        mandoc -Tlint -W warning "$1" | grep -v 'missing date' || true
    fi
}
command -v man >/dev/null || echo "left out: man is not installed"
command -v mandoc >/dev/null || echo "left out: mandoc is not installed"
for page in "$pages"/man1/*.1; do
    expect "$page" "" "$(complaints "$page")"
done
if command -v man >/dev/null || command -v mandoc >/dev/null; then
    printf '.TH X 1\n.SH NAME\nx \\- y\n.TP\n.XY\n\\fZ\n' >"$pages/wrong.1"
    expect "a wrong page is noticed" true "$([ -n "$(complaints "$pages/wrong.1")" ] && echo true)"
    rm "$pages/wrong.1"
fi

# --- completion of bash -------------------------------------------------------------------------

# The words that follow a line, as bash would find them: WORD... with the last one incomplete.
complete_line()
(
    . "$pages/scoreline.bash"
    COMP_WORDS=(scoreline "$@")
    COMP_CWORD=$#
    _scoreline
    [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}" | paste -sd' '
)

expect "the function is registered" "complete -F _scoreline scoreline" \
    "$(. "$pages/scoreline.bash"; complete -p scoreline)"
expect "commands" "$(paste -sd' ' <<<"$commands")" "$(complete_line '')"
expect "a command begun" "train" "$(complete_line tr)"
expect "an option begun" "--save-model" "$(complete_line run --sa)"
expect "options of another command" "--threshold" "$(complete_line evaluate OUT.h5 --t)"
expect "words of a choice" "fail replace" "$(complete_line run JOB --if-exists '')"
expect "a word of a choice, behind =" "replace" "$(complete_line run JOB --if-exists = r)"
expect "all words, behind =" "fail replace" "$(complete_line run JOB --if-exists =)"
expect "what cannot be known" "" "$(complete_line run JOB --set '')"
expect "commands of help" "generate" "$(complete_line help g)"
expect "an unknown command" "" "$(complete_line frobnicate '')"
for command in $commands; do
    expect "all options of $command" "$(options_of "$command" | sort)" \
        "$(complete_line "$command" -- | tr ' ' '\n' | sort)"
done

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir jobs
touch 'jobs/a job.json' jobs/b.json
expect "files" "jobs/b.json" "$(complete_line run jobs/b)"
expect "a file with a blank" "jobs/a job.json" "$(complete_line run jobs/a)"
expect "a file of an option" "jobs/b.json" "$(complete_line score x --model jobs/b)"
expect "a file behind =" "jobs/b.json" "$(complete_line score x --model = jobs/b)"
expect "a file of a letter" "jobs/b.json" "$(complete_line combine x -o jobs/b)"
expect "generate takes no file" "" "$(complete_line generate j)"

# --- completion of zsh --------------------------------------------------------------------------

if command -v zsh >/dev/null; then
    expect "zsh reads it" "0" "$(zsh -f -n "$pages/scoreline.zsh" >/dev/null 2>&1; echo $?)"
    mkdir functions
    cp "$pages/scoreline.zsh" functions/_scoreline
    expect "zsh completes" "" "$("$PYTHON" -B "$here/zsh_lines.py" "$directory/functions" \
        'scoreline tr' 'train' 'scoreline run --sa' 'run --save-model' \
        'scoreline run JOB --if-exists r' 'run JOB --if-exists replace' \
        'scoreline run --if-exists=r' 'run --if-exists=replace' 'scoreline help g' 'help generate' \
        'scoreline score jobs/b' 'score jobs/b.json')"
else
    echo "left out: zsh is not installed"
fi
expect_end
