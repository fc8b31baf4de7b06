/* sigma/suggest.c - "did you mean": the nearest word of a list, by edit distance. */
#include "sigma/suggest.h"

enum { WORD_MAX = 40 };

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

static bool
swapped(struct tcs_str a, struct tcs_str b, size_t i, size_t j)
{
    return i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
}

/* Insertions, deletions, replacements and swaps of neighbours; ASCII case ignored. */
static unsigned
distance(struct tcs_str a, struct tcs_str b)
{
    unsigned d[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= a.n; i++)
        d[i][0] = (unsigned)i;
    for (size_t j = 0; j <= b.n; j++)
        d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++)
        for (size_t j = 1; j <= b.n; j++) {
            bool same = tcs_base_ascii_lower(a.p[i - 1]) == tcs_base_ascii_lower(b.p[j - 1]);
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + !same);
            if (swapped(a, b, i, j) && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    return d[a.n][b.n];
}

const char *
tcs_sigma_suggest(struct tcs_str word, const char *const *list, size_t n)
{
    const char *best = NULL;
    unsigned least = word.n > 6 ? 4 : word.n > 3 ? 3 : 2; /* nearer than this */
    for (size_t i = 0; i < n && word.n <= WORD_MAX; i++) {
        struct tcs_str s = tcs_base_str_of(list[i]);
        if (s.n > WORD_MAX)
            continue;
        size_t apart = word.n > s.n ? word.n - s.n : s.n - word.n;
        if (apart >= least)
            continue;
        unsigned d = distance(word, s);
        if (d < least) {
            least = d;
            best = list[i];
        }
    }
    return best;
}
