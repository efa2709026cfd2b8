/* Raw deflate (RFC 1951) by the system's zlib, whose initialisers are macros. No policy here: how
 * much is taken and given is the caller's. */
#ifndef MAILBROKER_CZLIB_H
#define MAILBROKER_CZLIB_H

#include <stddef.h>
#include <stdint.h>

/* One direction of a stream. */
typedef struct mb_zlib mb_zlib;

/* What mb_zlib_run has to say. */
enum { MB_ZLIB_OK = 0, MB_ZLIB_END = 1, MB_ZLIB_DAMAGED = -1 };

/* A stream that compresses, and one that reads what another has compressed; NULL without memory. */
mb_zlib *mb_zlib_deflater(void);
mb_zlib *mb_zlib_inflater(void);
void mb_zlib_free(mb_zlib *stream);

/* Takes octets from `in` and puts octets into `out`; the counts are how many there are or fit, and
 * afterwards how many were taken and put. As long as `out` is filled to its end there may be more.
 * What was compressed can be read at the other end without more (a sync flush). */
int mb_zlib_run(mb_zlib *stream, const uint8_t *in, size_t *in_count, uint8_t *out,
                size_t *out_count);

#endif
