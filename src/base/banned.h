/* base/banned.h -- library functions whose use is a compile error, and what to use instead.
 *
 * meson.build puts this file in front of every source of the project (-include), so it pulls
 * in the headers that declare these names first. Macros and not #pragma poison, because
 * OpenSSL's headers use some of these words as parameter names.
 */
#ifndef ROOST_BASE_BANNED_H
#define ROOST_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Not declared anywhere, so the compiler's error names the function. */
#define BANNED(name) name##_is_banned_see_base_banned_h()

/* No bound on what is written: base/buf.h, snprintf, memcpy with a length. */
#undef strcpy
#define strcpy(...) BANNED(strcpy)
#undef strcat
#define strcat(...) BANNED(strcat)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef stpcpy
#define stpcpy(...) BANNED(stpcpy)
#undef gets
#define gets(...) BANNED(gets)

/* Leave no NUL, or count what nobody means: memcpy, mem_dup_slice. */
#undef strncpy
#define strncpy(...) BANNED(strncpy)
#undef strncat
#define strncat(...) BANNED(strncat)

/* Say nothing of overflow or rubbish: slice_to_u64. */
#undef atoi
#define atoi(...) BANNED(atoi)
#undef atol
#define atol(...) BANNED(atol)
#undef atoll
#define atoll(...) BANNED(atoll)

/* Keep state that all threads share: base/slice.h, the _r forms. */
#undef strtok
#define strtok(...) BANNED(strtok)
#undef localtime
#define localtime(...) BANNED(localtime)
#undef gmtime
#define gmtime(...) BANNED(gmtime)
#undef asctime
#define asctime(...) BANNED(asctime)
#undef ctime
#define ctime(...) BANNED(ctime)

/* Can be guessed, or raced for: mkostemp, getrandom. */
#undef mktemp
#define mktemp(...) BANNED(mktemp)
#undef tmpnam
#define tmpnam(...) BANNED(tmpnam)
#undef tempnam
#define tempnam(...) BANNED(tempnam)
#undef rand
#define rand(...) BANNED(rand)
#undef srand
#define srand(...) BANNED(srand)

#endif
