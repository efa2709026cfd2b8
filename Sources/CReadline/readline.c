#include "CReadline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { COMMANDS_MAX = 8 };

struct completion {
    char *command; /* NULL for the first word of a line */
    char **words;
};

static struct completion completions[COMMANDS_MAX];
static int completion_count;
static char **candidates; /* of the completion that is running */
static char *complete_line;
static int is_at_end;
static int is_editing;
static int remembered; /* lines that are not in the history file yet */
static int history_lines_max;

static void line_is_complete(char *line) {
    /* The terminal is given back at once: the caller works before it begins the next line. */
    rl_callback_handler_remove();
    is_editing = 0;
    if (line == NULL)
        is_at_end = 1;
    else
        complete_line = line;
}

static char *next_candidate(const char *text, int state) {
    static size_t index, length;
    if (state == 0) {
        index = 0;
        length = strlen(text);
    }
    while (candidates != NULL && candidates[index] != NULL) {
        const char *word = candidates[index++];
        if (strncmp(word, text, length) == 0) return strdup(word);
    }
    return NULL;
}

static char **words_for(const char *line, int start) {
    int begin = 0;
    while (begin < start && line[begin] == ' ') begin++;
    int end = begin;
    while (end < start && line[end] != ' ') end++;
    for (int index = 0; index < completion_count; index++) {
        const char *command = completions[index].command;
        if (command == NULL ? end == begin
                            : strlen(command) == (size_t)(end - begin) &&
                                  strncmp(command, line + begin, (size_t)(end - begin)) == 0)
            return completions[index].words;
    }
    return NULL;
}

static char **complete(const char *text, int start, int end) {
    (void)end;
    candidates = words_for(rl_line_buffer, start);
    if (candidates == NULL) return NULL; /* file names, readline's own way */
    rl_attempted_completion_over = 1;
    return rl_completion_matches(text, next_candidate);
}

void mb_readline_prepare(const char *name) {
    rl_readline_name = name;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_attempted_completion_function = complete;
    rl_completer_quote_characters = "\"'";
    rl_completer_word_break_characters = " \t";
    rl_filename_quote_characters = " \t\"'\\";
    rl_initialize();
}

void mb_readline_begin(const char *prompt) {
    is_editing = 1;
    rl_callback_handler_install(prompt, line_is_complete);
}

int mb_readline_feed(void) {
    rl_callback_read_char();
    if (is_at_end) {
        is_at_end = 0;
        return MB_READLINE_END;
    }
    return complete_line != NULL ? MB_READLINE_LINE : MB_READLINE_MORE;
}

char *mb_readline_take(void) {
    char *line = complete_line;
    complete_line = NULL;
    return line;
}

void mb_readline_end(void) {
    if (!is_editing) return;
    is_editing = 0;
    rl_callback_handler_remove();
}

void mb_readline_hide(void) {
    if (!is_editing) return;
    rl_clear_visible_line();
    fflush(rl_outstream);
}

void mb_readline_show(const char *prompt) {
    if (!is_editing) return;
    rl_set_prompt(prompt);
    rl_on_new_line();
    rl_redisplay();
}

void mb_readline_discard(void) {
    if (!is_editing) return;
    rl_free_line_state();
    rl_callback_sigcleanup();
    rl_replace_line("", 1);
    rl_crlf();
    rl_on_new_line();
    rl_redisplay();
}

void mb_readline_resized(void) {
    if (is_editing)
        rl_resize_terminal();
    else
        rl_reset_screen_size();
}

void mb_readline_suspend(void) {
    if (is_editing) rl_deprep_terminal();
}

void mb_readline_resume(void) {
    if (!is_editing) return;
    rl_prep_terminal(1);
    rl_forced_update_display();
}

static void free_words(char **words) {
    for (size_t index = 0; words != NULL && words[index] != NULL; index++) free(words[index]);
    free(words);
}

static int is_same(const char *left, const char *right) {
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

void mb_readline_complete(const char *command, const char *const words[]) {
    size_t count = 0;
    while (words[count] != NULL) count++;
    char **copy = calloc(count + 1, sizeof *copy);
    if (copy == NULL) return;
    for (size_t index = 0; index < count; index++) copy[index] = strdup(words[index]);
    for (int index = 0; index < completion_count; index++) {
        if (!is_same(completions[index].command, command)) continue;
        free_words(completions[index].words);
        completions[index].words = copy;
        return;
    }
    if (completion_count == COMMANDS_MAX) {
        free_words(copy);
        return;
    }
    completions[completion_count].command = command != NULL ? strdup(command) : NULL;
    completions[completion_count++].words = copy;
}

void mb_readline_remember(const char *line) {
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (last == NULL || strcmp(last->line, line) != 0) {
        add_history(line);
        remembered++;
    }
}

int mb_readline_load_history(const char *path, int lines_max) {
    using_history();
    stifle_history(lines_max);
    history_lines_max = lines_max;
    return read_history(path);
}

int mb_readline_save_history(const char *path) {
    /* Appended, because another console may have added its own since. */
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    close(file);
    int failed = append_history(remembered, path);
    remembered = 0;
    return failed ? failed : history_truncate_file(path, history_lines_max);
}
