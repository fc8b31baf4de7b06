/* cli/main.c - the command table. */
#include <stdio.h>

int
main(void)
{
    puts("tocsin " TCS_VERSION);
    return 0;
}
