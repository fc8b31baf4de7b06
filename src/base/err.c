/* base/err.c - fills struct tcs_err.  Messages longer than the struct are cut, never overrun. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
tcs_base_fail(struct tcs_err *err, int code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        *err = (struct tcs_err){.code = code};
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
    }
    return -code;
}

int
tcs_base_fail_sys(struct tcs_err *err, int sys, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        *err = (struct tcs_err){.code = TCS_EIO, .sys = sys};
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        size_t n = strlen(err->msg);
        char text[96];
        snprintf(err->msg + n, sizeof err->msg - n, ": %s", strerror_r(sys, text, sizeof text));
    }
    return -TCS_EIO;
}

int
tcs_base_wrap(struct tcs_err *err, const char *fmt, ...)
{
    char old[sizeof err->msg];
    va_list ap;
    if (!err)
        return -TCS_EPARSE;
    memcpy(old, err->msg, sizeof old);
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    size_t n = strlen(err->msg);
    snprintf(err->msg + n, sizeof err->msg - n, ": %.*s", (int)(sizeof err->msg - n), old);
    return -err->code;
}
