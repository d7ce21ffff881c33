/* Where the driver's state lives, and how calls sleep in it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "dvk_standin.h"

#define MAGIC 0x64766b32u
#define LONG_MS 3600000

instance_t g_instances[MAX_INSTANCES];
int g_instance_count;
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;

static void initialise(driver_t *d)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&d->lock, &attributes);
    d->nodeid = -1;
    for (int i = 0; i < MAX_OPS; i++) d->op[i].next = i + 2 <= MAX_OPS ? i + 2 : 0;
    d->free_op = 1;
    d->magic = MAGIC;
}

/* Anonymous memory, or a file that several processes of one node share: then an operator's tool and the proxy meet in the same driver. */
static driver_t *map_driver(const char *name)
{
    const char *prefix = getenv("DVK_STANDIN_STATE");
    if (!prefix) {
        driver_t *d = mmap(NULL, sizeof(driver_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (d == MAP_FAILED) return NULL;
        initialise(d);
        return d;
    }
    char path[512];
    snprintf(path, sizeof(path), "%s%s", prefix, name);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return NULL;
    flock(fd, LOCK_EX);
    driver_t *d = NULL;
    if (ftruncate(fd, sizeof(driver_t)) == 0) {
        d = mmap(NULL, sizeof(driver_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
        if (d == MAP_FAILED) d = NULL;
        else if (d->magic != MAGIC) initialise(d);
    }
    flock(fd, LOCK_UN);
    syscall(SYS_close, fd);
    return d;
}

static void set_option(instance_t *in, const char *word)
{
    int value;
    if (sscanf(word, "version=%d", &value) == 1) in->version = value;
    else if (sscanf(word, "model=%d", &value) == 1) in->model32 = value == 32;
    else if (sscanf(word, "unprivileged=%d", &value) == 1) in->unprivileged = value;
    else if (sscanf(word, "slotsize=%d", &value) == 1) in->slot_size = value;
    else if (sscanf(word, "tasks=%d", &value) == 1) in->tasks = value;
    else if (sscanf(word, "errno=%d", &value) == 1) in->open_errno = value;
    else if (sscanf(word, "enterdelay=%d", &value) == 1) in->enter_delay_ms = value;
    else if (sscanf(word, "sigterm=%d", &value) == 1) in->sigterm = value;
    else if (sscanf(word, "strict=%d", &value) == 1) in->strict = value;
    else if (sscanf(word, "cpumask=%d", &value) == 1 && value >= 8 && value <= MAX_CPU_MASK) in->cpu_mask = value;
    else violation("unknown option '%s'", word);
}

static void set_options(instance_t *in, const char *list)
{
    char copy[256], *place, *word;
    snprintf(copy, sizeof(copy), "%s", list);
    for (word = strtok_r(copy, ",", &place); word; word = strtok_r(NULL, ",", &place)) set_option(in, word);
}

/* The suffix is what stands behind /dev/dvk: "", "@name" or "@name,option=value,...". */
instance_t *instance_open(const char *suffix, int *error)
{
    char name[32];
    size_t length = strcspn(suffix, ",");
    snprintf(name, sizeof(name), "%.*s", (int)length, suffix);
    pthread_mutex_lock(&g_lock);
    instance_t *in = NULL;
    for (int i = 0; i < g_instance_count && !in; i++)
        if (!strcmp(g_instances[i].name, name)) in = &g_instances[i];
    if (!in && g_instance_count < MAX_INSTANCES) {
        in = &g_instances[g_instance_count];
        *in = (instance_t){ .version = DVS_VERSION, .slot_size = 1024, .tasks = -1, .sigterm = 1, .cpu_mask = sizeof(cpumask_record) };
        snprintf(in->name, sizeof(in->name), "%s", name);
        in->driver = map_driver(name);
        if (getenv("DVK_STANDIN_OPTIONS")) set_options(in, getenv("DVK_STANDIN_OPTIONS"));
        if (in->driver) __atomic_store_n(&g_instance_count, g_instance_count + 1, __ATOMIC_RELEASE);
        else in = NULL;
    }
    if (in) set_options(in, suffix[length] ? suffix + length + 1 : "");
    pthread_mutex_unlock(&g_lock);
    watch_threads();
    *error = in ? in->open_errno : ENFILE;
    return *error ? NULL : in;
}

void driver_lock(driver_t *d)
{
    if (pthread_mutex_lock(&d->lock) == EOWNERDEAD) pthread_mutex_consistent(&d->lock);
}

void driver_unlock(driver_t *d) { pthread_mutex_unlock(&d->lock); }

int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int64_t deadline_of(long milliseconds) { return milliseconds < 0 ? INT64_MAX : now_ms() + milliseconds; }

/* Sleeps until the next wake or the deadline, with the driver unlocked meanwhile. 0 or, after a handled signal, EDVSINTR: a futex wait with a
 * time limit is never restarted by the kernel, as a sleep in the driver is not. */
int nap(driver_t *d, uint32_t *futex, int64_t deadline)
{
    int64_t left = deadline - now_ms();
    if (left <= 0) return 0;
    if (left > LONG_MS) left = LONG_MS;
    struct timespec limit = { left / 1000, left % 1000 * 1000000 };
    uint32_t seen = *futex;
    driver_unlock(d);
    long failed = syscall(SYS_futex, futex, FUTEX_WAIT, seen, &limit, NULL, 0);
    int error = failed ? errno : 0;
    driver_lock(d);
    return error == EINTR ? EDVSINTR : 0;
}

/* Sleeps until *done: 0, EDVSTIMEDOUT or EDVSINTR. */
int sleep_on(driver_t *d, uint32_t *futex, const int *done, int64_t deadline)
{
    while (!*done) {
        if (now_ms() >= deadline) return EDVSTIMEDOUT;
        int interrupted = nap(d, futex, deadline);
        if (interrupted && !*done) return interrupted;
    }
    return 0;
}

void wake(uint32_t *futex)
{
    __atomic_add_fetch(futex, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, futex, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0);
}

/* What the module does to a caller that it has locked out. */
void never_return(driver_t *d)
{
    while (1) nap(d, &d->never, INT64_MAX);
}
