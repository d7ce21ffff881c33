/* Endpoints: bind, unbind, wait4bind, getep. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

void process_name(pid_t pid, char name[NAME_SIZE])
{
    char path[64];
    memset(name, 0, NAME_SIZE);
    snprintf(path, sizeof(path), "/proc/%d/comm", pid);
    FILE *file = fopen(path, "re");
    if (!file) return;
    if (fgets(name, NAME_SIZE, file)) name[strcspn(name, "\n")] = 0;
    fclose(file);
}

static int bind_local(call_t *c, int dcid, slot_t *s, int endpoint, pid_t tid)
{
    int other, role;
    if (s->used) return EDVSSLOTUSED;
    if (slot_of_thread(c->d, tid, 0, &other)) return EDVSPROCRUN;
    if (pair_of_thread(c->d, tid, &role, &other)) return EDVSPROXYRUN;
    slot_clear(c->d, dcid, s);
    s->used = 1;
    s->pid = c->pid;
    s->u.p_endpoint = endpoint;
    s->u.p_rts_flags = 0;
    s->u.p_lpid = s->u.p_vpid = tid;
    s->u.p_nodeid = c->d->nodeid;
    s->u.p_nodemap = 1UL << c->d->nodeid;
    process_name(c->pid, s->u.p_name);
    wake(&c->d->bind_futex);
    return endpoint;
}

/* The name's address comes in an int. */
static int bind_remote(call_t *c, const parm_bind_t *parm, slot_t *s)
{
    driver_t *d = c->d;
    char name[NAME_SIZE];
    int failed = take_name((const char *)(intptr_t)parm->parm_pid, name, "name of a remote bind (its address in an int)");
    if (failed) return failed;
    if (parm->parm_nodeid < 0 || parm->parm_nodeid >= d->dvs.d_nr_nodes || parm->parm_nodeid == d->nodeid) return EDVSBADNODEID;
    if (!(d->dc[parm->parm_dcid].u.dc_nodes & 1UL << parm->parm_nodeid)) return EDVSNODCNODE;
    if (s->used) return EDVSSLOTUSED;
    slot_clear(d, parm->parm_dcid, s);
    s->used = 1;
    s->u.p_endpoint = parm->parm_ep;
    s->u.p_rts_flags = RTS_REMOTE;
    s->u.p_nodeid = parm->parm_nodeid;
    s->u.p_nodemap = 1UL << parm->parm_nodeid;
    s->u.p_proxy = d->node[parm->parm_nodeid].n_proxies;
    memcpy(s->u.p_name, name, NAME_SIZE);
    wake(&d->bind_futex);
    return parm->parm_ep;
}

int call_bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_bind_t, parm)
    if (parm.parm_cmd < BIND_SELF || parm.parm_cmd > BIND_USER) return EDVSBINDTYPE;
    if (parm.parm_dcid < 0 || parm.parm_dcid >= d->dvs.d_nr_dcs) return EDVSBADDCID;
    if (!d->dc[parm.parm_dcid].running) return EDVSDCNOTRUN;
    reap(c);
    slot_t *s = slot_by_endpoint(d, parm.parm_dcid, parm.parm_ep);
    if (!s) return EDVSRANGE;
    if (parm.parm_cmd == BIND_REMOTE) return bind_remote(c, &parm, s);
    if (parm.parm_cmd != BIND_SELF && parm.parm_cmd != BIND_LOCAL && parm.parm_cmd != BIND_USER) return EDVSBINDTYPE;
    if (parm.parm_nodeid != -1 && parm.parm_nodeid != d->nodeid) return EDVSBADNODEID;
    if (parm.parm_cmd == BIND_SELF) return bind_local(c, parm.parm_dcid, s, parm.parm_ep, c->tid);
    return thread_alive(c->pid, parm.parm_pid) ? bind_local(c, parm.parm_dcid, s, parm.parm_ep, parm.parm_pid) : EDVSBADPID;
}

int call_unbind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_unbind_t, parm)
    int failed = check_timeout(parm.parm_tout, "unbind");
    if (failed) return failed;
    if (parm.parm_dcid < 0 || parm.parm_dcid >= d->dvs.d_nr_dcs) return EDVSBADDCID;
    if (!d->dc[parm.parm_dcid].running) return EDVSDCNOTRUN;
    int dcid = parm.parm_dcid;
    slot_t *s = parm.parm_ep == SELF ? slot_of_thread(d, c->tid, c->pid, &dcid) : slot_by_endpoint(d, dcid, parm.parm_ep);
    if (!s) return parm.parm_ep == SELF ? EDVSNOTBIND : EDVSRANGE;
    if (!s->used) return EDVSNOTBIND;
    if (parm.parm_ep != SELF && s->u.p_endpoint != parm.parm_ep) return EDVSENDPOINT;
    slot_release(d, dcid, s);
    return 0;
}

int call_wait4bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int dcid = -1;
    TAKE(parm_wait4bind_t, parm)
    int failed = check_timeout(parm.parm_tout, "wait4bind");
    if (failed) return failed;
    if (parm.parm_cmd != 0 && parm.parm_cmd != 1) { violation("wait4bind command %d", parm.parm_cmd); return EDVSINVAL; }
    int checked = 0;
    int64_t deadline = deadline_of(parm.parm_tout);
    while (1) {
        slot_t *me = slot_of_thread(d, c->tid, c->pid, &dcid);
        if (parm.parm_ep == SELF) {
            if (parm.parm_cmd == 0 && me) return me->u.p_endpoint;
            if (parm.parm_cmd == 1 && !me) return SELF;
        } else {
            if (!me && !checked) return EDVSNOTBIND;
            if (me) checked = dcid + 1;
            dcid = checked - 1;
            if (!d->dc[dcid].running) return EDVSDCNOTRUN;
            slot_t *s = slot_by_endpoint(d, dcid, parm.parm_ep);
            if (!s) return EDVSRANGE;
            int bound = s->used && s->u.p_endpoint == parm.parm_ep;
            if (bound == (parm.parm_cmd == 0)) return parm.parm_ep;
        }
        if (now_ms() >= deadline) return EDVSTIMEDOUT;
        if (nap(d, &d->bind_futex, deadline)) return EDVSINTR;
        reap(c);
    }
}

int call_getep(call_t *c, int pid)
{
    int dcid;
    if (pid <= 0) return EDVSBADPID;
    slot_t *s = slot_of_thread(c->d, pid, 0, &dcid);
    return s ? s->u.p_endpoint : EDVSNOTBIND;
}
