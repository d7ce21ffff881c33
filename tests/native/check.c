/* Every byte the caller hands over is checked here. What is wrong with the *form* of a call (pointers, alignment, ranges of memory, reserved
 * values) is a violation: the caller has a bug that a real driver might not notice. It is reported, counted, and the call fails. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "dvk_standin.h"

static int g_violations;

EXPORT int dvk_standin_violations(void) { return __atomic_load_n(&g_violations, __ATOMIC_SEQ_CST); }

/* For tests of the checks themselves: what the calling thread does wrong from now on is only counted, and given back at the end. */
static __thread int t_expecting, t_expected;

EXPORT void dvk_standin_expect_violations(void) { t_expecting = 1; t_expected = 0; }

EXPORT int dvk_standin_expected_violations(void) { t_expecting = 0; return t_expected; }

void violation(const char *format, ...)
{
    if (t_expecting) { t_expected++; return; }
    char line[512];
    int used = snprintf(line, sizeof(line), "dvk stand-in: thread %ld: ", (long)syscall(SYS_gettid));
    va_list arguments;
    va_start(arguments, format);
    used += vsnprintf(line + used, sizeof(line) - used - 1, format, arguments);
    va_end(arguments);
    if (used > (int)sizeof(line) - 2) used = sizeof(line) - 2;
    line[used++] = '\n';
    __atomic_add_fetch(&g_violations, 1, __ATOMIC_SEQ_CST);
    if (write(STDERR_FILENO, line, used) < 0) return;
    const char *report = getenv("DVK_STANDIN_REPORT");
    if (!report) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return;
    if (write(fd, line, used) < 0) { /* the count says it all the same */ }
    syscall(SYS_close, fd);
}

static int check_pointer(const void *pointer, size_t alignment, const char *what)
{
    if (!pointer) { violation("%s is null", what); return EDVSFAULT; }
    if ((uintptr_t)pointer % alignment) { violation("%s at %p is not aligned to %zu", what, pointer, alignment); return EDVSFAULT; }
    return 0;
}

static int move_memory(pid_t pid, void *mine, void *theirs, size_t size, int writing)
{
    struct iovec local = { mine, size }, remote = { theirs, size };
    ssize_t moved = writing ? process_vm_writev(pid, &local, 1, &remote, 1, 0) : process_vm_readv(pid, &local, 1, &remote, 1, 0);
    return moved == (ssize_t)size ? 0 : EDVSFAULT;
}

int read_memory(pid_t pid, const char *from, void *to, size_t size) { return move_memory(pid, to, (void *)from, size, 0); }

int write_memory(pid_t pid, char *to, const void *from, size_t size) { return move_memory(pid, (void *)from, to, size, 1); }

int take(const void *from, void *to, size_t size, size_t alignment, const char *what)
{
    int error = check_pointer(from, alignment, what);
    if (error) return error;
    error = read_memory(getpid(), from, to, size);
    if (error) violation("%s: %zu bytes at %p cannot be read", what, size, from);
    return error;
}

int give(void *to, const void *from, size_t size, size_t alignment, const char *what)
{
    int error = check_pointer(to, alignment, what);
    if (error) return error;
    error = write_memory(getpid(), to, from, size);
    if (error) violation("%s: %zu bytes at %p cannot be written", what, size, to);
    return error;
}

/* A buffer whose whole length the driver may write: one byte of each page is read and written back. The buffer of the call before is believed
 * but for its ends. */
int touch_writable(void *to, size_t size, const char *what)
{
    enum { PAGES = 32 };
    static __thread void *before;
    static __thread size_t size_before;
    char bytes[PAGES];
    struct iovec remote[PAGES];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
    int error = check_pointer(to, 1, what);
    if (error) return error;
    size_t step = to == before && size == size_before ? size : page;
    for (size_t offset = 0; offset < size && count < PAGES - 1; offset += step) remote[count++] = (struct iovec){ (char *)to + offset, 1 };
    remote[count++] = (struct iovec){ (char *)to + size - 1, 1 };
    struct iovec local = { bytes, count };
    if (process_vm_readv(getpid(), &local, 1, remote, count, 0) == (ssize_t)count
        && process_vm_writev(getpid(), &local, 1, remote, count, 0) == (ssize_t)count) {
        if (size > page) { before = to; size_before = size; }
        return 0;
    }
    violation("%s: %zu bytes at %p cannot be written", what, size, to);
    return EDVSFAULT;
}

int take_name(const char *from, char name[NAME_SIZE], const char *what)
{
    int error = take(from, name, NAME_SIZE, 1, what);
    if (error) return error;
    if (memchr(name, 0, NAME_SIZE)) return 0;
    violation("%s does not end within %d bytes", what, NAME_SIZE);
    return EDVSINVAL;
}

int check_timeout(long milliseconds, const char *what)
{
    if (milliseconds >= -1 && milliseconds <= INT_MAX) return 0;
    violation("%s: time-out %ld", what, milliseconds);
    return EDVSINVAL;
}
