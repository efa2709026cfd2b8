// The one door to the system's OpenSSL 3: its headers, and an inline function for each macro that
// Swift cannot import. It holds no policy; which option is set, and when, is decided in OpenSSLTLS.
// Nothing deprecated in OpenSSL 3.0 is visible through it.
#ifndef COPENSSL_H
#define COPENSSL_H

#ifndef OPENSSL_API_COMPAT
#define OPENSSL_API_COMPAT 30000
#endif
#ifndef OPENSSL_NO_DEPRECATED
#define OPENSSL_NO_DEPRECATED
#endif

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <time.h>

/// Length of a SHA-256 digest in bytes.
#define MB_SHA256_BYTES 32

/// Sets the lowest protocol version; 1 on success.
static inline int mb_ssl_ctx_set_min_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

/// Sets the highest protocol version; 1 on success.
static inline int mb_ssl_ctx_set_max_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}

/// Sets the session cache mode (`SSL_SESS_CACHE_*`).
static inline void mb_ssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
    (void)SSL_CTX_set_session_cache_mode(context, mode);
}

/// Adds `SSL_MODE_*` bits.
static inline void mb_ssl_ctx_set_mode(SSL_CTX *context, long mode) {
    (void)SSL_CTX_set_mode(context, mode);
}

/// Switches off what a client never wants: renegotiation and compression.
static inline void mb_ssl_ctx_set_client_options(SSL_CTX *context) {
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

/// Stores the owner's pointer; the library neither reads nor frees it.
static inline int mb_ssl_set_owner(SSL *ssl, void *owner) {
    return SSL_set_app_data(ssl, owner);
}

/// The pointer that `mb_ssl_set_owner` stored.
static inline void *mb_ssl_get_owner(const SSL *ssl) {
    return SSL_get_app_data(ssl);
}

/// The connection on whose behalf a chain is being verified, or NULL.
static inline SSL *mb_x509_store_ctx_get_ssl(X509_STORE_CTX *store) {
    return (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
}

/// Sets the name of the server name indication; 1 on success.
static inline int mb_ssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

/// An empty memory BIO says "try again" instead of "end of file".
static inline void mb_bio_set_retry_when_empty(BIO *bio) {
    (void)BIO_set_mem_eof_return(bio, -1);
}

/// The reason number of an error code of the library.
static inline int mb_err_reason(unsigned long code) {
    return ERR_GET_REASON(code);
}

/// SHA-256 of the certificate's DER SubjectPublicKeyInfo into 32 bytes; 1 on success.
static inline int mb_x509_spki_sha256(const X509 *certificate, unsigned char *digest) {
    unsigned char *der = NULL;
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (length <= 0) return 0;
    unsigned int written = 0;
    int ok = EVP_Digest(der, (size_t)length, digest, &written, EVP_sha256(), NULL);
    OPENSSL_free(der);
    return ok == 1 && written == MB_SHA256_BYTES;
}

#endif
