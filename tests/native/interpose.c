/* What the preloaded object takes over from libc. Everything that is not the driver's goes through untouched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "dvk_standin.h"

#define DEVICE "/dev/dvk"
#define VIEWS "/proc/dvs"
#define MAX_FD 65536

/* Instance + 1 of each descriptor; zero for all others, also before anything ran. */
static unsigned short g_owner[MAX_FD];

static int raw_open(int directory, const char *path, int flags, mode_t mode) { return (int)syscall(SYS_openat, directory, path, flags, mode); }

static int starts(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);
    return !strncmp(path, prefix, length) && (path[length] == 0 || path[length] == '@' || path[length] == ',' || path[length] == '/');
}

static int open_device(const char *suffix, int flags)
{
    int error;
    instance_t *in = instance_open(suffix, &error);
    if (!in) { errno = error; return -1; }
    if (flags & ~(O_CLOEXEC | O_LARGEFILE)) { violation("open flags 0x%x", flags); errno = EINVAL; return -1; }
    int fd = raw_open(AT_FDCWD, "/dev/null", O_RDONLY | (flags & O_CLOEXEC), 0);
    if (fd >= MAX_FD) { syscall(SYS_close, fd); errno = EMFILE; return -1; }
    if (fd >= 0) {
        g_owner[fd] = (unsigned short)(in - g_instances + 1);
        __atomic_add_fetch(&in->open, 1, __ATOMIC_SEQ_CST);
    }
    return fd;
}

/* "/proc/dvs[@name]/view" as a file in memory with the text of that moment. */
static int open_view(const char *rest, int flags)
{
    char suffix[64] = "";
    int error;
    size_t length = strcspn(rest, "/");
    snprintf(suffix, sizeof(suffix), "%.*s", (int)length, rest);
    instance_t *in = instance_open(suffix, &error);
    if (!in) { errno = error; return -1; }
    size_t room = 1 << 20;
    char *text = malloc(room);
    call_t c = { in, in->driver, getpid(), (pid_t)syscall(SYS_gettid) };
    driver_lock(c.d);
    int used = rest[length] ? view_text(&c, rest + length + 1, text, room) : -1;
    driver_unlock(c.d);
    if (used < 0) { free(text); errno = ENOENT; return -1; }
    int fd = memfd_create("dvs-view", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    if (fd >= 0 && (write(fd, text, used) != used || lseek(fd, 0, SEEK_SET) != 0)) { syscall(SYS_close, fd); fd = -1; }
    free(text);
    return fd;
}

static int take_open(int directory, const char *path, int flags, mode_t mode)
{
    if (path && starts(path, DEVICE)) return open_device(path + strlen(DEVICE), flags);
    if (path && starts(path, VIEWS)) return open_view(path + strlen(VIEWS), flags);
    return raw_open(directory, path, flags, mode);
}

#define MODE_OF(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

EXPORT int open(const char *path, int flags, ...) { MODE_OF(flags, mode) return take_open(AT_FDCWD, path, flags, mode); }

EXPORT int open64(const char *path, int flags, ...) { MODE_OF(flags, mode) return take_open(AT_FDCWD, path, flags | O_LARGEFILE, mode); }

EXPORT int openat(int directory, const char *path, int flags, ...) { MODE_OF(flags, mode) return take_open(directory, path, flags, mode); }

EXPORT int openat64(int directory, const char *path, int flags, ...)
{
    MODE_OF(flags, mode)
    return take_open(directory, path, flags | O_LARGEFILE, mode);
}

EXPORT int close(int fd)
{
    if (fd >= 0 && fd < MAX_FD && g_owner[fd]) {
        __atomic_sub_fetch(&g_instances[g_owner[fd] - 1].open, 1, __ATOMIC_SEQ_CST);
        g_owner[fd] = 0;
    }
    return (int)syscall(SYS_close, fd);
}

static int takes_value(unsigned long request)
{
    return request == DVK_IOCTDCEND || request == DVK_IOCTNODEDOWN || request == DVK_IOCTPROXYUNBIND || request == DVK_IOCQGETEP;
}

static int dispatch(call_t *c, unsigned long request, void *arg)
{
    int value = (int)(intptr_t)arg;
    switch (request) {
    case DVK_IOCSDVSINIT: return call_dvs_init(c, arg);
    case DVK_IOCGGETDVSINFO: return call_getdvsinfo(c, arg);
    }
    if (!c->d->initialised) return EDVSDVSINIT;
    if (takes_value(request) && value < 0) return EDVSFAULT;
    switch (request) {
    case DVK_IOCTDVSEND: return call_dvs_end(c);
    case DVK_IOCSDCINIT: return call_dc_init(c, arg);
    case DVK_IOCTDCEND: return call_dc_end(c, value);
    case DVK_IOCGGETDCINFO: return call_getdcinfo(c, arg);
    case DVK_IOCSADDNODE: return call_add_node(c, arg);
    case DVK_IOCSDELNODE: return call_del_node(c, arg);
    case DVK_IOCSNODEUP: return call_node_up(c, arg);
    case DVK_IOCTNODEDOWN: return call_node_down(c, value);
    case DVK_IOCGGETNODEINFO: return call_getnodeinfo(c, arg);
    case DVK_IOCGGETPRINFO: return call_getprocinfo(c, arg);
    case DVK_IOCSPROXYBIND: return call_proxies_bind(c, arg);
    case DVK_IOCTPROXYUNBIND: return call_proxies_unbind(c, value);
    case DVK_IOCSPROXYCONN: return call_proxy_conn(c, arg);
    case DVK_IOCGGETPXINFO: return call_getproxyinfo(c, arg);
    case DVK_IOCGGET2RMT: return call_get2rmt(c, arg);
    case DVK_IOCSPUT2LCL: return call_put2lcl(c, arg);
    case DVK_IOCSDVKBIND: return call_bind(c, arg);
    case DVK_IOCSUNBIND: return call_unbind(c, arg);
    case DVK_IOCSWAIT4BIND: return call_wait4bind(c, arg);
    case DVK_IOCQGETEP: return call_getep(c, value);
    case DVK_IOCSSEND: return call_send(c, arg);
    case DVK_IOCSSENDREC: return call_sendrec(c, arg);
    case DVK_IOCSRECEIVE: return call_receive(c, arg);
    case DVK_IOCSRCVRQST: return call_rcvrqst(c, arg);
    case DVK_IOCSREPLY: return call_reply(c, arg);
    case DVK_IOCSNOTIFY: return call_notify(c, arg);
    case DVK_IOCSWAKEUP: return call_wakeup(c, arg);
    case DVK_IOCSRELAY: return -ENOSYS;     /* what it does is not described */
    case DVK_IOCSVCOPY: return call_vcopy(c, arg);
    }
    violation("ioctl number 0x%lx is none of the driver's", request);
    return -ENOTTY;
}

static void linger(int milliseconds)
{
    int64_t end = now_ms() + milliseconds;
    while (now_ms() < end) { }
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *arg = va_arg(list, void *);
    va_end(list);
    int owner = fd >= 0 && fd < MAX_FD ? g_owner[fd] : 0;
    if (!owner) return (int)syscall(SYS_ioctl, fd, request, arg);

    instance_t *in = &g_instances[owner - 1];
    call_t c = { in, in->driver, getpid(), (pid_t)syscall(SYS_gettid) };
    watch_thread();
    /* Here a signal that comes between the caller's last look and its sleep is lost on purpose. */
    if (in->enter_delay_ms) linger(in->enter_delay_ms);
    driver_lock(c.d);
    int result = in->unprivileged ? EDVSPRIVILEGES : dispatch(&c, request, arg);
    driver_unlock(c.d);
    if (result >= 0) return result;
    errno = -result;
    return -1;
}

EXPORT int dvk_standin_present(void) { return 1; }
