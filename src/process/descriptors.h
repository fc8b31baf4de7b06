/* process/descriptors.h - what the process inherits: three descriptors, and no other one. */
#pragma once

/* First of all in main, before anything is opened.
 *
 * Of standard input, output and error, one that is closed is taken by /dev/null, so that no log and
 * no store is opened under its number; the first two so that what is asked of them fails, since
 * what could not be read or written has to be told.  Everything else that was inherited is closed,
 * but for descriptors that the command line names as /dev/fd/N (`<(...)` of shells).  And a file
 * that reaches the size the system allows is an error of write, not a signal. */
void tcs_process_descriptors(int argc, char *const *argv);
