/* How the driver notices that threads are gone, and what goes with them. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "dvk_standin.h"

static pthread_key_t g_thread_key;
static pthread_once_t g_key_once = PTHREAD_ONCE_INIT, g_watch_once = PTHREAD_ONCE_INIT;

int thread_alive(pid_t pid, pid_t tid) { return tid > 0 && (syscall(SYS_tgkill, pid, tid, 0) == 0 || errno != ESRCH); }

/* The driver takes the name of a process, and of a proxy, from its thread. */
void thread_name(pid_t pid, pid_t tid, char name[NAME_SIZE])
{
    char path[64];
    memset(name, 0, NAME_SIZE);
    snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", pid, tid);
    FILE *file = fopen(path, "re");
    if (!file) return;
    if (fgets(name, NAME_SIZE, file)) name[strcspn(name, "\n")] = 0;
    fclose(file);
}

void terminate(call_t *c, pid_t pid, pid_t tid)
{
    if (tid && c->in->sigterm) syscall(SYS_tgkill, pid, tid, SIGTERM);
}

/* The process in a slot has lost its thread. Where the DC has somebody to warn, it stays until that one has answered. */
static void process_gone(driver_t *d, int dcid, slot_t *s)
{
    const dc_usr_t *dc = &d->dc[dcid].u;
    slot_t *warned = dc->dc_warn2proc == NONE ? NULL : slot_by_endpoint(d, dcid, dc->dc_warn2proc);
    if (s->ending) return;
    if (!warned || !warned->used || warned == s || warned->u.p_rts_flags & RTS_REMOTE) { slot_release(d, dcid, s); return; }
    finish(d, s, EDVSNOTBIND);
    s->ending = 1;
    s->u.p_misc_flags |= MISC_ENDING;
    memset(&s->msg, 0, sizeof(s->msg));
    s->msg.m_type = dc->dc_warnmsg;
    s->msg.m_u.m_m1.m1i2 = -1;
    begin_wait(s, W_SENDREC);
    if (accepts(warned, s->u.p_endpoint)) deliver(d, warned, s->u.p_endpoint, &s->msg);
    else queue_at(d, dcid, warned, s, 1);
    s->u.p_rts_flags |= RTS_RECEIVING;
    s->u.p_getfrom = warned->u.p_endpoint;
}

static int is_local(const slot_t *s) { return s->used && (!(s->u.p_rts_flags & RTS_REMOTE) || s->u.p_misc_flags & MISC_BACKUP); }

/* Every process and proxy for which gone() says so ends. */
static void end_threads(call_t *c, int (*gone)(pid_t pid, pid_t tid, pid_t wanted), pid_t wanted)
{
    driver_t *d = c->d;
    for (int px = 0; px < MAX_PAIRS; px++)
        for (int role = 0; role < 2; role++)
            if (d->pair[px].tid[role] && gone(d->pair[px].pid, d->pair[px].tid[role], wanted)) pair_thread_gone(c, px, role);
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (is_local(s) && gone(s->pid, s->u.p_lpid, wanted)) process_gone(d, dcid, s);
        }
    }
}

static int is_wanted(pid_t pid, pid_t tid, pid_t wanted) { return tid == wanted && pid == getpid(); }

static int is_dead(pid_t pid, pid_t tid, pid_t wanted) { (void)wanted; return !thread_alive(pid, tid); }

/* Threads that ended without a word: those of other processes, and those that never called the driver themselves. */
void reap(call_t *c) { end_threads(c, is_dead, 0); }

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

void watch_threads(void) { pthread_once(&g_watch_once, start_watch); }

static void on_thread_exit(void *unused)
{
    (void)unused;
    int count = __atomic_load_n(&g_instance_count, __ATOMIC_ACQUIRE);
    for (int i = 0; i < count; i++) {
        if (!g_instances[i].open) continue;
        call_t c = { &g_instances[i], g_instances[i].driver, getpid(), (pid_t)syscall(SYS_gettid) };
        driver_lock(c.d);
        if (c.d->initialised) end_threads(&c, is_wanted, c.tid);
        driver_unlock(c.d);
    }
}

static void make_key(void) { pthread_key_create(&g_thread_key, on_thread_exit); }

void watch_thread(void)
{
    pthread_once(&g_key_once, make_key);
    if (!pthread_getspecific(g_thread_key)) pthread_setspecific(g_thread_key, &g_thread_key);
}
