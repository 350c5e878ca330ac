//  Fails chosen calls to the kernel: LD_PRELOAD this with
//
//      FAULT_CALL    fsync, fdatasync, pwrite, write, ftruncate, rename, unlink or open
//      FAULT_AT      which call of that name fails first, counting from 1 once the workload has asked for it
//      FAULT_COUNT   how many calls fail from there on; 0 for all
//      FAULT_ERRNO   the error number
//
//  Counting begins when the program sets the environment variable FAULT_ARMED, so that its start is not counted.
//  Only calls on files under FAULT_PATH count. A failed call does nothing.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int calls;

static int number(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int path_counts(const char *path) {
    const char *root = getenv("FAULT_PATH");
    return root && strncmp(path, root, strlen(root)) == 0;
}

static int descriptor_counts(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return path_counts(path);
}

// Whether this call, which is on a file that counts, fails.
static int fails(const char *call) {
    const char *wanted = getenv("FAULT_CALL");
    if (!wanted || strcmp(call, wanted) != 0 || !getenv("FAULT_ARMED")) return 0;
    int this_call = atomic_fetch_add(&calls, 1) + 1;
    int first = number("FAULT_AT"), count = number("FAULT_COUNT");
    if (this_call < first || (count > 0 && this_call >= first + count)) return 0;
    errno = number("FAULT_ERRNO");
    return 1;
}

#define ORIGINAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return descriptor_counts(fd) && fails("fsync") ? -1 : ORIGINAL(fsync)(fd); }
int fdatasync(int fd) { return descriptor_counts(fd) && fails("fdatasync") ? -1 : ORIGINAL(fdatasync)(fd); }

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    return descriptor_counts(fd) && fails("pwrite") ? -1 : ORIGINAL(pwrite64)(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return descriptor_counts(fd) && fails("pwrite") ? -1 : ORIGINAL(pwrite)(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return descriptor_counts(fd) && fails("write") ? -1 : ORIGINAL(write)(fd, bytes, count);
}

int ftruncate64(int fd, off64_t length) {
    return descriptor_counts(fd) && fails("ftruncate") ? -1 : ORIGINAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length) {
    return descriptor_counts(fd) && fails("ftruncate") ? -1 : ORIGINAL(ftruncate)(fd, length);
}

int rename(const char *from, const char *to) {
    return path_counts(to) && fails("rename") ? -1 : ORIGINAL(rename)(from, to);
}

int unlink(const char *path) { return path_counts(path) && fails("unlink") ? -1 : ORIGINAL(unlink)(path); }

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return path_counts(path) && fails("open") ? -1 : ORIGINAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return path_counts(path) && fails("open") ? -1 : ORIGINAL(open)(path, flags, mode);
}
