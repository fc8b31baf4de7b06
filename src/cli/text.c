/* cli/text.c - counts with separators, sizes with units.  Independent of the locale. */
#include "cli/text.h"

void
tcs_cli_text_count(struct tcs_buf *b, uint64_t n)
{
    char tmp[32];
    size_t i = sizeof tmp, digits = 0;
    do {
        if (digits && digits % 3 == 0)
            tmp[--i] = ',';
        tmp[--i] = (char)('0' + n % 10);
        digits++;
    } while (n /= 10);
    tcs_base_buf_put(b, tmp + i, sizeof tmp - i);
}

void
tcs_cli_text_bytes(struct tcs_buf *b, uint64_t n)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double v = (double)n;
    size_t u = 0;
    while (v >= 1023.95 && u < sizeof units / sizeof *units - 1) {
        v /= 1024;
        u++;
    }
    if (u == 0)
        tcs_base_buf_printf(b, "%llu B", (unsigned long long)n);
    else
        tcs_base_buf_printf(b, "%.1f %s", v, units[u]);
}

void
tcs_cli_text_plural(struct tcs_buf *b, uint64_t n, const char *one, const char *many)
{
    tcs_cli_text_count(b, n);
    tcs_base_buf_c(b, ' ');
    tcs_base_buf_str(b, tcs_base_str_of(n == 1 ? one : many));
}
