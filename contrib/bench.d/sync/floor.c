/* floor - the least that reading a mailbox over IMAP costs: TLS, LOGIN, commands, octets counted.
 *
 *   floor PORT CA-FILE USER < LINES
 *
 * The first line of standard input is the password, every other one a command without its tag, sent
 * when the one before is answered. Answers are only searched for the ends of lines and literals.
 * Connects to localhost on 127.0.0.1 and checks its certificate. Prints for the greeting
 * ("connect"), "login" and each command, which is shown by its first word:
 *
 *   NAME SECONDS OCTETS MESSAGES      messages are untagged FETCH answers
 *
 * and last "memory KILOBYTES", the most it has held. Exit status: 0, or 1 with a line why not. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 20, READ_AHEAD = 1 << 17, COMMAND_SIZE = 1 << 16 };

struct wire {
    SSL *tls;
    char *buffer;
    size_t start, end;
    long long octets, messages;
};

static void fail(const char *what) {
    fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

/* Reads what there is behind what is unread; that moves to the front where room is short. */
static void fill(struct wire *wire) {
    if (wire->start == wire->end) {
        wire->start = wire->end = 0;
    } else if (BUFFER_SIZE - wire->end < READ_AHEAD) {
        memmove(wire->buffer, wire->buffer + wire->start, wire->end - wire->start);
        wire->end -= wire->start;
        wire->start = 0;
    }
    if (wire->end == BUFFER_SIZE) fail("a line is longer than 1 MiB");
    int count = SSL_read(wire->tls, wire->buffer + wire->end, BUFFER_SIZE - wire->end);
    if (count <= 0) fail("the connection was closed");
    wire->end += count;
    wire->octets += count;
}

/* The next line without CRLF; good until the next call. */
static char *next_line(struct wire *wire, size_t *length) {
    size_t seen = 0;
    for (;;) {
        char *line = wire->buffer + wire->start;
        char *end = memchr(line + seen, '\n', wire->end - wire->start - seen);
        if (end) {
            wire->start += end + 1 - line;
            *length = end - line;
            if (*length && end[-1] == '\r') --*length;
            return line;
        }
        seen = wire->end - wire->start;
        fill(wire);
    }
}

static void skip(struct wire *wire, size_t count) {
    while (count > wire->end - wire->start) {
        count -= wire->end - wire->start;
        wire->start = wire->end;
        fill(wire);
    }
    wire->start += count;
}

/* Whether a line ends with {N}, and so octets follow that are no line. */
static int announces_literal(const char *line, size_t length, size_t *octets) {
    if (length < 3 || line[length - 1] != '}') return 0;
    size_t first = length - 1;
    while (first > 0 && isdigit((unsigned char)line[first - 1])) first--;
    if (first == 0 || first == length - 1 || line[first - 1] != '{') return 0;
    *octets = strtoull(line + first, NULL, 10);
    return 1;
}

/* Whether a line is `* NUMBER FETCH ...`. */
static int begins_message(const char *line, size_t length) {
    size_t place = 2;
    if (length < 10 || line[0] != '*' || line[1] != ' ') return 0;
    while (place < length && isdigit((unsigned char)line[place])) place++;
    return place > 2 && length - place > 6 && memcmp(line + place, " FETCH ", 7) == 0;
}

/* Reads up to the line that begins with the tag, which has to say OK. */
static void read_answer(struct wire *wire, const char *tag) {
    size_t length, literal, tag_length = strlen(tag);
    int is_new = 1;
    for (;;) {
        char *line = next_line(wire, &length);
        if (is_new && begins_message(line, length)) wire->messages++;
        if (is_new && length > tag_length && memcmp(line, tag, tag_length) == 0) {
            line[length] = 0; /* the CR or LF stood there */
            if (strncmp(line + tag_length, " OK", 3) != 0) fail(line);
            return;
        }
        is_new = !announces_literal(line, length, &literal);
        if (!is_new) skip(wire, literal);
    }
}

static void report(struct wire *wire, const char *name, double start) {
    printf("%.*s %.6f %lld %lld\n", (int)strcspn(name, " \r\n"), name, seconds_now() - start,
           wire->octets, wire->messages);
    wire->octets = wire->messages = 0;
}

static void run(struct wire *wire, const char *tag, const char *command, const char *name) {
    char line[COMMAND_SIZE + 64];
    int length = snprintf(line, sizeof line, "%s %s\r\n", tag, command);
    double start = seconds_now();
    if (SSL_write(wire->tls, line, length) != length) fail("the command could not be sent");
    read_answer(wire, tag);
    report(wire, name, start);
}

static SSL *connect_tls(int port, const char *authority) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1, plain = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(plain, (struct sockaddr *)&address, sizeof address) != 0) fail("no connection");
    setsockopt(plain, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context || SSL_CTX_load_verify_locations(context, authority, NULL) != 1)
        fail("the certificate authority cannot be read");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
    SSL *tls = SSL_new(context);
    SSL_set_tlsext_host_name(tls, "localhost");
    SSL_set1_host(tls, "localhost");
    SSL_set_fd(tls, plain);
    if (SSL_connect(tls) != 1) fail("TLS failed");
    return tls;
}

/* The next line of standard input without its end; 0 at the end. */
static int read_input(char *line, int size) {
    if (!fgets(line, size, stdin)) return 0;
    line[strcspn(line, "\r\n")] = 0;
    return 1;
}

static void print_memory(void) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    long kilobytes = 0;
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1) break;
    printf("memory %ld\n", kilobytes);
}

int main(int count, char **arguments) {
    static char input[COMMAND_SIZE], login[COMMAND_SIZE];
    char tag[32];
    if (count != 4 || !read_input(input, sizeof input)) return 64;
    struct wire wire = {.buffer = malloc(BUFFER_SIZE)};
    double start = seconds_now();
    wire.tls = connect_tls(atoi(arguments[1]), arguments[2]);
    read_answer(&wire, "*");
    report(&wire, "connect", start);
    if ((size_t)snprintf(login, sizeof login, "LOGIN \"%s\" \"%s\"", arguments[3], input) >=
        sizeof login)
        fail("the password is too long");
    run(&wire, "a0", login, "login");
    for (int number = 1; read_input(input, sizeof input); number++) {
        snprintf(tag, sizeof tag, "a%d", number);
        run(&wire, tag, input, input);
    }
    print_memory();
    run(&wire, "z", "LOGOUT", "logout");
    return 0;
}
