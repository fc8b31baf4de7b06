/* input/kind.c - the marks of logs, archives and images that are not read, from their formats'
 * documents. */
#include "input/kind.h"

#include <string.h>

enum { UNITS = 8 }; /* of UTF-16 without a mark: so many ASCII characters in a row begin a text */

static const struct mark {
    size_t at, n;
    const char *bytes, *name;
} marks[] = {
    {0, 8, "\x30\0\0\0LfLe", "an event log of Windows XP or 2003 (EVT)"},
    {0, 8, "LPKSHHRH", "a journal of systemd (journalctl -o json writes JSON)"},
    {0, 6, "Rar!\x1a\x07", "a RAR archive"},
    {0, 8, "MSCF\0\0\0\0", "a cabinet (CAB)"},
    {0, 8, "MSWIM\0\0\0", "a Windows image (WIM)"},
    {0, 5, "LZIP\x01", "a file packed by lzip"},
    {0, 8, "EVF\x09\x0d\x0a\xff\0", "a disk image (E01)"},
    {0, 8, "vhdxfile", "a disk image (VHDX)"},
    {0, 4, "KDMV", "a disk image (VMDK)"},
    {0, 4, "QFI\xfb", "a disk image (QCOW)"},
};

const char *
tcs_input_kind_name(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const struct mark *m = &marks[i];
        if (n >= m->at + m->n && memcmp(p + m->at, m->bytes, m->n) == 0)
            return m->name;
    }
    /* 1f 9d, then 9 to 16 bits a code */
    if (n >= 3 && p[0] == 0x1f && p[1] == 0x9d && (p[2] & 0x60) == 0 && (p[2] & 0x1f) >= 9 &&
        (p[2] & 0x1f) <= 16)
        return "a file packed by compress (.Z)";
    return NULL;
}

static bool
is_text(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

bool
tcs_input_kind_utf16(const uint8_t *p, size_t n)
{
    size_t little = 0, big = 0;
    if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return true;
    for (size_t i = 0; i + 1 < n && i < UNITS * sizeof(uint16_t); i += 2) {
        little += is_text(p[i]) && p[i + 1] == 0;
        big += p[i] == 0 && is_text(p[i + 1]);
    }
    return little == UNITS || big == UNITS;
}
