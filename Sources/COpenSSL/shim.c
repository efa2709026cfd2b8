// Gives the target a translation unit and refuses to build against a library older than 3.0, where
// the verification calls that OpenSSLTLS relies on do not exist or behave otherwise.
#include "COpenSSL.h"

#if OPENSSL_VERSION_MAJOR < 3
#error "Mailbroker needs OpenSSL 3.0 or newer"
#endif

_Static_assert(MB_SHA256_BYTES == 256 / 8, "SHA-256 has 32 bytes");
