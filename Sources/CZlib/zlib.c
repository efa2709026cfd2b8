#include "CZlib.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct mb_zlib {
    z_stream z;
    int deflates;
};

static mb_zlib *mb_zlib_open(int deflates) {
    mb_zlib *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->deflates = deflates;
    /* A negative window: no header, no checksum (RFC 4978 3). */
    int code = deflates ? deflateInit2(&stream->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS,
                                       MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY)
                        : inflateInit2(&stream->z, -MAX_WBITS);
    if (code == Z_OK) return stream;
    free(stream);
    return NULL;
}

mb_zlib *mb_zlib_deflater(void) { return mb_zlib_open(1); }

mb_zlib *mb_zlib_inflater(void) { return mb_zlib_open(0); }

void mb_zlib_free(mb_zlib *stream) {
    if (!stream) return;
    if (stream->deflates)
        deflateEnd(&stream->z);
    else
        inflateEnd(&stream->z);
    free(stream);
}

int mb_zlib_run(mb_zlib *stream, const uint8_t *in, size_t *in_count, uint8_t *out,
                size_t *out_count) {
    z_stream *z = &stream->z;
    uInt in_room = *in_count > UINT_MAX ? UINT_MAX : (uInt)*in_count;
    uInt out_room = *out_count > UINT_MAX ? UINT_MAX : (uInt)*out_count;
    z->next_in = (Bytef *)(uintptr_t)in;
    z->avail_in = in_room;
    z->next_out = out;
    z->avail_out = out_room;
    int code = stream->deflates ? deflate(z, Z_SYNC_FLUSH) : inflate(z, Z_SYNC_FLUSH);
    *in_count = in_room - z->avail_in;
    *out_count = out_room - z->avail_out;
    z->next_in = NULL;
    z->next_out = NULL;
    /* Z_BUF_ERROR: there was nothing to do. */
    if (code == Z_OK || code == Z_BUF_ERROR) return MB_ZLIB_OK;
    return code == Z_STREAM_END ? MB_ZLIB_END : MB_ZLIB_DAMAGED;
}
