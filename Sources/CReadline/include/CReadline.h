/* GNU readline by its callback interface, as calls without callbacks: its state is global, so
 * it stays on this side. One terminal, one thread. No policy here: what a line means is the
 * caller's. */
#ifndef MAILBROKER_CREADLINE_H
#define MAILBROKER_CREADLINE_H

/* What mb_readline_feed has to say. */
enum { MB_READLINE_MORE = 0, MB_READLINE_LINE = 1, MB_READLINE_END = 2 };

/* Prepares readline on stdin and stdout; `name` is the application of `$if` in ~/.inputrc. */
void mb_readline_prepare(const char *name);

/* Shows a prompt and begins a line. */
void mb_readline_begin(const char *prompt);
/* Reads what has arrived; call it when stdin is readable. */
int mb_readline_feed(void);
/* The complete line, for the caller to free; NULL when there is none. */
char *mb_readline_take(void);
/* Ends the line being edited and gives the terminal back as it was. */
void mb_readline_end(void);

/* Takes the line being edited off the screen, so that something can be printed. */
void mb_readline_hide(void);
/* Draws it again below what was printed, with a prompt that may have changed. */
void mb_readline_show(const char *prompt);
/* Throws away what was typed, as Ctrl-C does. */
void mb_readline_discard(void);
/* After SIGWINCH. */
void mb_readline_resized(void);
/* Before and after the process stops for Ctrl-Z. */
void mb_readline_suspend(void);
void mb_readline_resume(void);

/* Replaces the words that complete the first word of a line, or those after `command`; the list
 * ends with NULL and is copied. `command` NULL is the first word. At most 8 commands. */
void mb_readline_complete(const char *command, const char *const words[]);

/* Adds a line to the history unless it is the one before. */
void mb_readline_remember(const char *line);
/* Reads and writes the history file. 0, or errno. */
int mb_readline_load_history(const char *path, int lines_max);
int mb_readline_save_history(const char *path);

#endif
