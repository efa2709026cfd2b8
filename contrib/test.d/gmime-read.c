/* Reads composed messages with GMime and prints what it sees.
 *
 *     gmime-read FILE
 *
 * FILE holds messages, each as its length in decimal, LF, octets. For each one it prints lines of
 * fields divided by tabs, then a line with a dot; RoundTripTests.swift compares them with the
 * draft. Control characters and % are printed as %XX. The same as email-read.py, by another
 * library.
 *
 * cc -o gmime-read gmime-read.c $(pkg-config --cflags --libs gmime-3.0)
 */

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(const char *text) {
    for (const unsigned char *octet = (const unsigned char *)text; *octet; octet++) {
        if (*octet < 0x20 || *octet == 0x25 || *octet == 0x7F)
            printf("%%%02X", *octet);
        else
            putchar(*octet);
    }
}

/* Prints a line of fields; NULL ends the list. */
static void out(const char *first, ...) {
    va_list fields;
    const char *field;
    put(first);
    va_start(fields, first);
    while ((field = va_arg(fields, const char *)) != NULL) {
        putchar('\t');
        put(field);
    }
    va_end(fields);
    putchar('\n');
}

/* CRC-32 as zlib has it. */
static guint32 crc32_of(const guint8 *octets, gsize count) {
    guint32 crc = 0xFFFFFFFF;
    for (gsize i = 0; i < count; i++) {
        crc ^= octets[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void without_cr(GByteArray *content) {
    guint kept = 0;
    for (guint i = 0; i < content->len; i++) {
        gboolean is_pair = i + 1 < content->len && content->data[i + 1] == '\n';
        if (content->data[i] != '\r' || !is_pair) content->data[kept++] = content->data[i];
    }
    g_byte_array_set_size(content, kept);
}

/* RFC 3676 without DelSp: paragraphs, each with its quotation marks once. */
static GByteArray *unflowed(const GByteArray *text) {
    GByteArray *result = g_byte_array_new();
    guint start = 0, open_depth = 0;
    gboolean is_open = FALSE, is_first = TRUE;
    while (start <= text->len) {
        guint end = start, depth = 0;
        while (end < text->len && text->data[end] != '\n') end++;
        while (start < end && text->data[start] == '>') start++, depth++;
        if (start < end && text->data[start] == ' ') start++;
        guint count = end - start;
        gboolean is_signature = count == 3 && memcmp(text->data + start, "-- ", 3) == 0;
        if (!is_open || open_depth != depth || is_signature) {
            if (!is_first) g_byte_array_append(result, (const guint8 *)"\n", 1);
            for (guint i = 0; i < depth; i++) g_byte_array_append(result, (const guint8 *)">", 1);
            if (depth > 0 && count > 0) g_byte_array_append(result, (const guint8 *)" ", 1);
        }
        g_byte_array_append(result, text->data + start, count);
        is_open = count > 0 && text->data[end - 1] == ' ' && !is_signature;
        open_depth = depth;
        is_first = FALSE;
        start = end + 1;
    }
    return result;
}

static void show_content(GMimePart *part, const char *path, gboolean is_text, gboolean is_flowed) {
    GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
    if (wrapper != NULL) g_mime_data_wrapper_write_to_stream(wrapper, stream);
    GByteArray *content = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    GByteArray *flowed = NULL;
    if (is_text) without_cr(content);
    if (is_text && is_flowed) content = flowed = unflowed(content);
    printf("content\t%s\t%u\t%u\n", path, content->len, crc32_of(content->data, content->len));
    if (flowed != NULL) g_byte_array_free(flowed, TRUE);
    g_object_unref(stream);
}

/* Messages come from our own tests and nest a few levels deep. */
static void show_node(GMimeObject *node, const char *path) {
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(node));
    const char *disposition = g_mime_object_get_disposition(node);
    const char *name = g_mime_object_get_content_disposition_parameter(node, "filename");
    const char *id = g_mime_object_get_content_id(node);
    const char *format = g_mime_object_get_content_type_parameter(node, "format");
    out("node", path, type, disposition ? disposition : "-", name ? name : "-", id ? id : "-",
        NULL);
    g_free(type);
    if (GMIME_IS_MESSAGE_PART(node)) {
        GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(node));
        char *child = g_strdup_printf("%s.1", path);
        char *inner_id = g_strdup_printf("<%s>", g_mime_message_get_message_id(inner));
        out("embedded", path, g_mime_message_get_subject(inner), inner_id, NULL);
        show_node(g_mime_message_get_mime_part(inner), child);
        g_free(inner_id);
        g_free(child);
    } else if (GMIME_IS_MULTIPART(node)) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(node));
        for (int i = 0; i < count; i++) {
            char *child = g_strdup_printf("%s.%d", path, i + 1);
            show_node(g_mime_multipart_get_part(GMIME_MULTIPART(node), i), child);
            g_free(child);
        }
    } else {
        gboolean is_flowed = format != NULL && strcmp(format, "flowed") == 0;
        show_content(GMIME_PART(node), path, disposition == NULL, is_flowed);
    }
}

static void show_mailboxes(const char *field, InternetAddressList *list) {
    int count = list == NULL ? 0 : internet_address_list_length(list);
    for (int i = 0; i < count; i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        const char *name = internet_address_get_name(address);
        if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
            InternetAddressMailbox *mailbox = INTERNET_ADDRESS_MAILBOX(address);
            out(field, name ? name : "", internet_address_mailbox_get_addr(mailbox), NULL);
        }
    }
}

static void show_ids(const char *field, GMimeMessage *message) {
    const char *value = g_mime_object_get_header(GMIME_OBJECT(message), field);
    if (value == NULL) return;
    GMimeReferences *ids = g_mime_references_parse(NULL, value);
    char *name = g_ascii_strdown(field, -1);
    for (int i = 0; i < g_mime_references_length(ids); i++)
        out(name, g_mime_references_get_message_id(ids, i), NULL);
    g_free(name);
    g_mime_references_free(ids);
}

static void show_headers(GMimeMessage *message) {
    GMimeHeaderList *headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    for (int i = 0; i < g_mime_header_list_get_count(headers); i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *name = g_mime_header_get_name(header);
        if (g_ascii_strncasecmp(name, "x-t", 3) == 0)
            out("header", name, g_mime_header_get_value(header), NULL);
    }
}

static void show(GMimeMessage *message) {
    show_mailboxes("from", g_mime_message_get_from(message));
    show_mailboxes("sender", g_mime_message_get_sender(message));
    show_mailboxes("reply-to", g_mime_message_get_reply_to(message));
    show_mailboxes("to", g_mime_message_get_to(message));
    show_mailboxes("cc", g_mime_message_get_cc(message));
    show_mailboxes("bcc", g_mime_message_get_bcc(message));
    const char *subject = g_mime_message_get_subject(message);
    out("subject", subject ? subject : "", NULL);
    show_ids("Message-ID", message);
    show_ids("In-Reply-To", message);
    show_ids("References", message);
    GDateTime *date = g_mime_message_get_date(message);
    if (date != NULL) {
        printf("date\t%" G_GINT64_FORMAT "\t%d\n", g_date_time_to_unix(date),
               (int)(g_date_time_get_utc_offset(date) / 60000000));
    }
    show_headers(message);
    show_node(g_mime_message_get_mime_part(message), "1");
    puts("defects\t0");
    puts(".");
}

int main(int count, char **arguments) {
    char line[32];
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fputs("usage: gmime-read FILE\n", stderr);
        return 64;
    }
    g_mime_init();
    while (fgets(line, sizeof line, file) != NULL) {
        gsize length = strtoul(line, NULL, 10);
        char *octets = g_malloc(length + 1);
        if (fread(octets, 1, length, file) != length) return 65;
        GMimeStream *stream = g_mime_stream_mem_new_with_buffer(octets, length);
        GMimeParser *parser = g_mime_parser_new_with_stream(stream);
        GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
        if (message == NULL) return 65;
        show(message);
        g_object_unref(message);
        g_object_unref(parser);
        g_object_unref(stream);
        g_free(octets);
    }
    fclose(file);
    return 0;
}
