/* Where the driver's state lives, how calls sleep in it, and how it notices that threads are gone. */
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

#define MAGIC 0x64766b31u
#define SLICE_MS 50

instance_t g_instances[MAX_INSTANCES];
int g_instance_count;
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t g_thread_key;
static pthread_once_t g_key_once = PTHREAD_ONCE_INIT, g_watch_once = PTHREAD_ONCE_INIT;

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
    else violation("unknown option '%s'", word);
}

static void set_options(instance_t *in, const char *list)
{
    char copy[256], *place, *word;
    snprintf(copy, sizeof(copy), "%s", list);
    for (word = strtok_r(copy, ",", &place); word; word = strtok_r(NULL, ",", &place)) set_option(in, word);
}

/* A kernel sees threads end; this looks for them. It holds no signal the process may get. */
static void *watch(void *unused)
{
    (void)unused;
    while (1) {
        struct timespec pause = { 0, 20 * 1000000 };
        nanosleep(&pause, NULL);
        int count = __atomic_load_n(&g_instance_count, __ATOMIC_ACQUIRE);
        for (int i = 0; i < count; i++) {
            if (!g_instances[i].open) continue;
            call_t c = { &g_instances[i], g_instances[i].driver, getpid(), (pid_t)syscall(SYS_gettid) };
            driver_lock(c.d);
            if (c.d->initialised) reap(&c);
            driver_unlock(c.d);
        }
    }
    return NULL;
}

static void start_watch(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, watch, NULL) == 0) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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
        *in = (instance_t){ .version = DVS_VERSION, .slot_size = 1024, .tasks = -1, .sigterm = 1 };
        snprintf(in->name, sizeof(in->name), "%s", name);
        in->driver = map_driver(name);
        if (getenv("DVK_STANDIN_OPTIONS")) set_options(in, getenv("DVK_STANDIN_OPTIONS"));
        if (in->driver) __atomic_store_n(&g_instance_count, g_instance_count + 1, __ATOMIC_RELEASE);
        else in = NULL;
    }
    if (in) set_options(in, suffix[length] ? suffix + length + 1 : "");
    pthread_mutex_unlock(&g_lock);
    pthread_once(&g_watch_once, start_watch);
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

/* Sleeps until the next wake, at most a slice, with the driver unlocked meanwhile. 0 or, after a handled signal, EDVSINTR: a futex wait with a
 * time limit is never restarted by the kernel, as a sleep in the driver is not. */
int nap(driver_t *d, uint32_t *futex, int64_t deadline)
{
    int64_t left = deadline - now_ms();
    if (left <= 0) return 0;
    if (left > SLICE_MS) left = SLICE_MS;
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

int thread_alive(pid_t pid, pid_t tid) { return tid > 0 && (syscall(SYS_tgkill, pid, tid, 0) == 0 || errno != ESRCH); }

void thread_gone(call_t *c, pid_t tid)
{
    driver_t *d = c->d;
    for (int px = 0; px < MAX_PAIRS; px++)
        for (int role = 0; role < 2; role++)
            if (d->pair[px].bound && d->pair[px].tid[role] == tid) pair_thread_gone(c, px, role);
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (s->used && !(s->u.p_rts_flags & RTS_REMOTE) && s->u.p_lpid == tid) slot_release(d, dcid, s);
        }
    }
}

/* Threads that ended without a word: those of other processes, and those that never called the driver themselves. */
void reap(call_t *c)
{
    driver_t *d = c->d;
    for (int px = 0; px < MAX_PAIRS; px++)
        for (int role = 0; role < 2; role++)
            if (d->pair[px].bound && d->pair[px].tid[role] && !thread_alive(d->pair[px].pid, d->pair[px].tid[role]))
                pair_thread_gone(c, px, role);
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (s->used && !(s->u.p_rts_flags & RTS_REMOTE) && !thread_alive(s->pid, s->u.p_lpid)) slot_release(d, dcid, s);
        }
    }
}

static void on_thread_exit(void *unused)
{
    (void)unused;
    int count = __atomic_load_n(&g_instance_count, __ATOMIC_ACQUIRE);
    for (int i = 0; i < count; i++) {
        if (!g_instances[i].open) continue;
        call_t c = { &g_instances[i], g_instances[i].driver, getpid(), (pid_t)syscall(SYS_gettid) };
        driver_lock(c.d);
        if (c.d->initialised) thread_gone(&c, c.tid);
        driver_unlock(c.d);
    }
}

static void make_key(void) { pthread_key_create(&g_thread_key, on_thread_exit); }

void watch_thread(void)
{
    pthread_once(&g_key_once, make_key);
    if (!pthread_getspecific(g_thread_key)) pthread_setspecific(g_thread_key, &g_thread_key);
}
