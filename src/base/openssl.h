/* base/openssl.h -- OpenSSL's headers beside ours.
 *
 * OpenSSL has a type called ERR_STATE, and our error table an enumerator of that name
 * (base/err.h). Whoever needs OpenSSL includes this file instead of <openssl/...>: its type is
 * renamed while its headers are read, and nothing of ours uses it.
 */
#ifndef ROOST_BASE_OPENSSL_H
#define ROOST_BASE_OPENSSL_H

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#endif
