/* fuzz/replay.c -- runs a fuzz target over every file of the folders named on the command line,
 * so that the corpus is part of the tests on every compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;
    uint8_t *data;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0) {
        perror(path);
        exit(1);
    }
    rewind(f);
    data = mem_calloc((size_t)size + 1, 1);
    if (fread(data, 1, (size_t)size, f) != (size_t)size) {
        perror(path);
        exit(1);
    }
    fclose(f);
    /* An exact-size block, so that a sanitizer sees one octet too many. */
    uint8_t *exact = mem_resize(NULL, size > 0 ? (size_t)size : 1, 1);
    if (size > 0)
        memcpy(exact, data, (size_t)size);
    LLVMFuzzerTestOneInput(exact, (size_t)size);
    free(exact);
    free(data);
}

int main(int argc, char **argv)
{
    unsigned files = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        struct dirent *entry;

        if (dir == NULL) {
            perror(argv[i]);
            return 1;
        }
        while ((entry = readdir(dir)) != NULL) {
            char path[4096];

            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
            replay_file(path);
            files++;
        }
        closedir(dir);
    }
    printf("replayed %u files\n", files);
    return files > 0 ? 0 : 1;
}
