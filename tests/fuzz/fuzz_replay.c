/* tests/fuzz/fuzz_replay.c - runs a fuzz target once over each file of its corpus folder.
 *
 * Each input is copied into a block of exactly its size, so that the address sanitizer sees a read
 * one byte past the end.  An empty or missing corpus fails: it would test nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) < 0) {
        perror(path);
        return -1;
    }
    size_t n = (size_t)st.st_size;
    uint8_t *data = malloc(n ? n : 1);
    if (!data || fread(data, 1, n, f) != n) {
        perror(path);
        return -1;
    }
    fclose(f);
    uint8_t *exact = n ? realloc(data, n) : data;
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 0;
}

int
main(int argc, char **argv)
{
    char path[4096];
    unsigned count = 0;
    DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
    if (!dir) {
        fprintf(stderr, "no corpus folder: %s\n", argc > 1 ? argv[1] : "(none given)");
        return 1;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        if (replay(path) < 0)
            return 1;
        count++;
    }
    closedir(dir);
    printf("%u inputs replayed\n", count);
    return count ? 0 : 1;
}
