/* gmime-measure - what mime-measure parse and decode do, with GMime: the peer in contrib/bench mime.
 *
 *   gmime-measure parse|decode < LIST
 *
 * Prints messages, parts, parts with a name, octets decoded, and the speed. */
#include <fcntl.h>
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct counts {
    int decode;
    long parts, names;
    long long decoded;
    GMimeStream *sink;
};

static void visit(GMimeObject *parent, GMimeObject *part, gpointer data) {
    struct counts *counts = data;
    (void)parent;
    counts->parts++;
    if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *message = g_mime_message_part_get_message((GMimeMessagePart *)part);
        if (message) g_mime_message_foreach(message, visit, counts);
    } else if (GMIME_IS_PART(part)) {
        if (g_mime_part_get_filename((GMimePart *)part)) counts->names++;
        if (!counts->decode) return;
        GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)part);
        if (content) counts->decoded += g_mime_data_wrapper_write_to_stream(content, counts->sink);
    }
}

static long long read_message(const char *path, struct counts *counts) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status) != 0) return -1;
    GMimeStream *stream = g_mime_stream_fs_new(file);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_object_unref(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    if (!message) return -1;
    g_mime_message_get_subject(message);
    g_mime_message_get_message_id(message);
    g_mime_message_get_date(message);
    g_mime_message_get_from(message);
    g_mime_message_foreach(message, visit, counts);
    g_object_unref(message);
    return status.st_size;
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    g_mime_init();
    struct counts counts = {.decode = strcmp(arguments[1], "decode") == 0};
    counts.sink = g_mime_stream_null_new();
    struct timespec start, end;
    long messages = 0;
    long long octets = 0;
    static char paths[64 << 20];
    size_t size = fread(paths, 1, sizeof paths - 1, stdin);
    paths[size] = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (char *path = strtok(paths, "\n"); path; path = strtok(NULL, "\n")) {
        long long read = read_message(path, &counts);
        if (read < 0) continue;
        messages++;
        octets += read;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) * 1e-9;
    printf("%ld messages %ld parts %ld names %lld decoded %.0f MB/s\n", messages, counts.parts,
           counts.names, counts.decoded, octets / 1e6 / seconds);
    return 0;
}
