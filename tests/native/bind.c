/* Endpoints: bind, unbind, wait4bind, getep. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dvk_standin.h"

/* Whether a thread may become a process in that slot. As published a thread can be bound twice, and its end hangs then. */
static int check_thread(call_t *c, const parm_bind_t *parm, const slot_t *s, pid_t tid)
{
    int other, role;
    int is_second = slot_of_thread(c->d, tid, 0, &other) != NULL;
    if (s->used) return EDVSSLOTUSED;
    if (parm->parm_cmd == BIND_BACKUP || !(is_second || pair_of_thread(c->d, tid, &role, &other))) return 0;
    if (is_second) return parm->parm_cmd == BIND_SELF && c->in->strict ? 0 : EDVSSLOTUSED;
    return EDVSPROXYRUN;
}

/* A backup stands here for a process of another node; all others are of this one. */
static int bind_thread(call_t *c, const parm_bind_t *parm, slot_t *s, pid_t tid)
{
    static const unsigned long kinds[] = { [BIND_BACKUP] = MISC_BACKUP, [BIND_REPLICA] = MISC_REPLICA, [BIND_USER] = MISC_USERMODE };
    driver_t *d = c->d;
    int is_backup = parm->parm_cmd == BIND_BACKUP, nodeid = is_backup ? parm->parm_nodeid : d->nodeid;
    if (!valid_node(d, nodeid) || (is_backup && nodeid == d->nodeid)) return EDVSBADNODEID;
    if (!is_backup && parm->parm_nodeid != -1 && parm->parm_nodeid != nodeid) return EDVSBADNODEID;
    if (!(d->dc[parm->parm_dcid].u.dc_nodes & 1UL << nodeid)) return EDVSNODCNODE;
    int failed = check_thread(c, parm, s, tid);
    if (failed) return failed;
    slot_clear(d, parm->parm_dcid, s);
    s->used = 1;
    s->pid = c->pid;
    s->bound_at = ++d->binds;
    s->u.p_rts_flags = is_backup ? RTS_REMOTE : 0;
    s->u.p_misc_flags = kinds[parm->parm_cmd] | (tid == c->pid && !is_backup ? MISC_LEADER : 0);
    s->u.p_lpid = s->u.p_vpid = tid;
    s->u.p_nodeid = nodeid;
    s->u.p_nodemap = 1UL << nodeid;
    thread_name(c->pid, tid, s->u.p_name);
    /* Who waits for a remote process to be bound is not woken by it. */
    wake(&d->bind_futex);
    return s->u.p_endpoint;
}

/* The name's address comes in an int. */
static int bind_remote(call_t *c, const parm_bind_t *parm, slot_t *s)
{
    driver_t *d = c->d;
    char name[NAME_SIZE];
    int failed = take_name((const char *)(intptr_t)parm->parm_pid, name, "name of a remote bind (its address in an int)");
    if (failed) return failed;
    if (!valid_node(d, parm->parm_nodeid) || parm->parm_nodeid == d->nodeid) return EDVSBADNODEID;
    if (!(d->dc[parm->parm_dcid].u.dc_nodes & 1UL << parm->parm_nodeid)) return EDVSNODCNODE;
    if (s->used) return EDVSSLOTUSED;
    slot_clear(d, parm->parm_dcid, s);
    s->used = 1;
    s->u.p_rts_flags = RTS_REMOTE;
    s->u.p_nodeid = parm->parm_nodeid;
    s->u.p_nodemap = 1UL << parm->parm_nodeid;
    memcpy(s->u.p_name, name, NAME_SIZE);
    return s->u.p_endpoint;
}

int call_bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_bind_t, parm)
    if (parm.parm_cmd < BIND_SELF || parm.parm_cmd > BIND_USER) return EDVSBINDTYPE;
    int failed = find_dc(d, parm.parm_dcid);
    if (failed) return failed;
    reap(c);
    /* There are no generations: an endpoint of a later one is bound as its number. */
    slot_t *s = slot_by_endpoint(d, parm.parm_dcid, parm.parm_ep);
    if (!s) return EDVSBADDCID;
    if (parm.parm_cmd == BIND_REMOTE) return bind_remote(c, &parm, s);
    if (parm.parm_cmd == BIND_SELF) return bind_thread(c, &parm, s, c->tid);
    pid_t tid = parm.parm_pid ? parm.parm_pid : c->pid;
    return thread_alive(c->pid, tid) ? bind_thread(c, &parm, s, tid) : EDVSBADPID;
}

int call_unbind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_unbind_t, parm)
    int failed = check_timeout(parm.parm_tout, "unbind");
    if (failed || (failed = find_dc(d, parm.parm_dcid))) return failed;
    slot_t *s = slot_by_endpoint(d, parm.parm_dcid, parm.parm_ep);
    if (!s) return EDVSENDPOINT;
    if (!s->used) return EDVSNOTBIND;
    if (s->u.p_endpoint != parm.parm_ep) return EDVSENDPOINT;
    if (d->dc[parm.parm_dcid].ending || s->stuck) never_return(d);
    slot_release(d, parm.parm_dcid, s);
    return 0;
}

/* What it waits for: 1 when it is so, 0 when not yet, or an error. */
static int look(call_t *c, const parm_wait4bind_t *parm, int *dcid, slot_t **found)
{
    slot_t *me = slot_of_thread(c->d, c->tid, c->pid, dcid);
    *found = me;
    if (parm->parm_ep != SELF) {
        if (!c->d->dc[*dcid].running) return EDVSDCNOTRUN;
        *found = slot_by_endpoint(c->d, *dcid, parm->parm_ep);
        if (!*found) return EDVSRANGE;
    }
    return (*found && (*found)->used) == (parm->parm_cmd == WAIT_BIND);
}

int call_wait4bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int dcid = -1, is_met;
    slot_t *found;
    TAKE(parm_wait4bind_t, parm)
    int failed = check_timeout(parm.parm_tout, "wait4bind");
    if (failed) return failed;
    if (parm.parm_cmd != WAIT_BIND && parm.parm_cmd != WAIT_UNBIND) return EDVSBADCALL;
    found = slot_of_thread(d, c->tid, c->pid, &dcid);
    if (!found && parm.parm_ep != SELF) return EDVSNOTBIND;
    int64_t deadline = deadline_of(parm.parm_tout);
    while (!(is_met = look(c, &parm, &dcid, &found))) {
        if (parm.parm_tout == 0) return parm.parm_cmd == WAIT_BIND ? EDVSTIMEDOUT : EDVSAGAIN;
        if (parm.parm_cmd == WAIT_UNBIND && parm.parm_tout > 0) {
            /* The module never returns from that, and neither does the unbind. */
            if (!c->in->strict) return EDVSLOCKED;
            if (found) mark_stuck(c, found);
            never_return(d);
        }
        if (now_ms() >= deadline) return EDVSTIMEDOUT;
        if (nap(d, &d->bind_futex, deadline)) return EDVSINTR;
        reap(c);
        if (!d->initialised) return EDVSDVSINIT;
    }
    if (is_met < 0) return is_met;
    return parm.parm_cmd == WAIT_BIND ? found->u.p_endpoint : 0;
}

/* Who asks must be bound, but the module looks at the pid first. */
int call_getep(call_t *c, int pid)
{
    int dcid;
    slot_t *me, *s = slot_of_thread(c->d, pid, 0, &dcid);
    if (!s && !thread_alive(c->pid, pid)) return EDVSBADRANGE;
    int failed = find_caller(c, &me, &dcid);
    if (failed) return failed;
    return s ? s->u.p_endpoint : EDVSNOTBIND;
}
