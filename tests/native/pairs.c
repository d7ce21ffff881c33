/* Proxy pairs: registration, connection, end. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

pair_t *pair_of_thread(driver_t *d, pid_t tid, int *role, int *pxid)
{
    for (int px = 0; px < MAX_PAIRS; px++)
        for (*role = 0; *role < 2; (*role)++)
            if (d->pair[px].bound && d->pair[px].tid[*role] == tid) { *pxid = px; return &d->pair[px]; }
    return NULL;
}

static void mark_nodes(driver_t *d, int px)
{
    for (int i = 0; i < MAX_NODES; i++) {
        if (!(d->pair[px].nodes & 1UL << i)) continue;
        d->node[i].n_flags &= ~(unsigned long)(NODE_SCONN | NODE_RCONN);
        if (d->pair[px].flags & PAIR_SCONN) d->node[i].n_flags |= NODE_SCONN;
        if (d->pair[px].flags & PAIR_RCONN) d->node[i].n_flags |= NODE_RCONN;
    }
}

static int concerns(driver_t *d, int dcid, const slot_t *s, unsigned long nodes)
{
    if (nodes & 1UL << s->request.c_dnode) return 1;
    if (s->request.c_cmd != CMD_COPYRMT_RQST) return 0;
    slot_t *to = slot_by_endpoint(d, dcid, s->request.c_vcopy.v_dst);
    return to && to->used && to->u.p_rts_flags & RTS_REMOTE && nodes & 1UL << to->u.p_nodeid;
}

/* Local processes whose request a sender proxy took, and whose answer will not come. */
void fail_waiting(driver_t *d, unsigned long nodes, int result)
{
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (s->used && s->u.p_rts_flags & RTS_RMTOP && !s->op && concerns(d, dcid, s, nodes)) finish(d, s, result);
        }
    }
}

static void disconnect(driver_t *d, int px, int flag)
{
    pair_t *pair = &d->pair[px];
    pair->flags &= ~flag;
    if (flag == PAIR_SCONN) flush_pair(d, px, -1);
    fail_waiting(d, pair->nodes, EDVSNOTCONN);
    mark_nodes(d, px);
    wake(&pair->futex);
}

/* Messages of the node's processes must not be received after their driver gave up on them. */
static void forget_callers(driver_t *d, int nodeid)
{
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (!s->used || !(s->u.p_rts_flags & RTS_REMOTE) || s->u.p_nodeid != nodeid) continue;
            unqueue(d, dcid, s);
            settle(s);
        }
    }
}

void node_take_down(driver_t *d, int nodeid)
{
    int px = d->node[nodeid].n_proxies;
    flush_pair(d, px, nodeid);
    fail_waiting(d, 1UL << nodeid, EDVSNOTCONN);
    forget_callers(d, nodeid);
    d->pair[px].nodes &= ~(1UL << nodeid);
    d->node[nodeid].n_flags = 0;
    d->node[nodeid].n_proxies = -1;
}

static void free_if_deserted(driver_t *d, int px)
{
    pair_t *pair = &d->pair[px];
    if (pair->tid[0] || pair->tid[1]) return;
    for (int i = 0; i < MAX_NODES; i++) if (pair->nodes & 1UL << i) node_take_down(d, i);
    flush_pair(d, px, -1);
    pair->bound = pair->flags = 0;
    wake(&pair->futex);
}

void end_sender(driver_t *d, int px)
{
    disconnect(d, px, PAIR_SCONN);
    d->pair[px].tid[0] = 0;
    free_if_deserted(d, px);
}

void pair_thread_gone(call_t *c, int px, int role)
{
    pair_t *pair = &c->d->pair[px];
    int other = pair->tid[1 - role];
    if (role == 0) end_sender(c->d, px);
    else {
        disconnect(c->d, px, PAIR_RCONN);
        pair->tid[1] = 0;
        free_if_deserted(c->d, px);
    }
    if (other && c->in->sigterm) syscall(SYS_tgkill, pair->pid, other, SIGTERM);
}

static int check_proxy_thread(call_t *c, int tid)
{
    int role, px, dcid;
    if (!thread_alive(c->pid, tid)) return EDVSBADPID;
    if (pair_of_thread(c->d, tid, &role, &px)) return EDVSPROXYRUN;
    return slot_of_thread(c->d, tid, 0, &dcid) ? EDVSPROCRUN : 0;
}

int call_proxies_bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    char name[NAME_SIZE];
    TAKE(parm_pxbind_t, parm)
    int failed = take_name(parm.parm_name, name, "name of proxies_bind");
    if (failed) return failed;
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSPROXYID;
    reap(c);
    pair_t *pair = &d->pair[parm.parm_pxid];
    if (pair->bound) return EDVSRSCBUSY;
    if (parm.parm_maxbuf > d->dvs.d_max_copybuf) return EDVS2BIG;
    if (parm.parm_maxbuf < 1) return EDVSINVAL;
    if (parm.parm_spid == parm.parm_rpid) return EDVSBADPID;
    if ((failed = check_proxy_thread(c, parm.parm_spid)) || (failed = check_proxy_thread(c, parm.parm_rpid))) return failed;
    uint32_t futex = pair->futex;
    memset(pair, 0, sizeof(*pair));
    pair->futex = futex;
    pair->bound = 1;
    pair->flags = PAIR_INUSE;
    pair->maxbuf = parm.parm_maxbuf;
    pair->pid = c->pid;
    pair->tid[0] = parm.parm_spid;
    pair->tid[1] = parm.parm_rpid;
    memcpy(pair->name, name, NAME_SIZE);
    return 0;
}

int call_proxies_unbind(call_t *c, int px)
{
    driver_t *d = c->d;
    if (px < 0 || px >= d->dvs.d_nr_nodes) return EDVSPROXYID;
    pair_t *pair = &d->pair[px];
    reap(c);
    if (!pair->bound) return EDVSNOPROXY;
    int receiver = pair->tid[1];
    pid_t pid = pair->pid;
    pair->closing = 1;
    pair->was_sender = pair->tid[0];
    end_sender(d, px);
    if (!receiver) return 0;
    if (c->in->sigterm) syscall(SYS_tgkill, pid, receiver, SIGTERM);
    while (pair->bound && pair->tid[1] == receiver) {
        if (receiver == c->tid) return 0;
        if (nap(d, &pair->futex, INT64_MAX)) return EDVSINTR;
        reap(c);
    }
    return 0;
}

int call_proxy_conn(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_pxconn_t, parm)
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSPROXYID;
    if (parm.parm_sts < 1 || parm.parm_sts > 4) { violation("proxy_conn status %d", parm.parm_sts); return EDVSINVAL; }
    pair_t *pair = &d->pair[parm.parm_pxid];
    int role = parm.parm_sts % 2 ? 0 : 1, flag = role ? PAIR_RCONN : PAIR_SCONN;
    if (!pair->bound || !pair->tid[role]) return EDVSNOPROXY;
    if (parm.parm_sts > 2) { disconnect(d, parm.parm_pxid, flag); return 0; }
    pair->flags |= flag;
    mark_nodes(d, parm.parm_pxid);
    wake(&pair->futex);
    return 0;
}

int call_getproxyinfo(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_proxyinfo_t, parm)
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSPROXYID;
    reap(c);
    pair_t *pair = &d->pair[parm.parm_pxid];
    for (int role = 0; role < 2; role++) {
        proc_usr_t u;
        memset(&u, 0, sizeof(u));
        u.p_nr = parm.parm_pxid;
        u.p_endpoint = u.p_getfrom = u.p_sendto = u.p_waitmigr = u.p_waitunbind = NONE;
        u.p_dcid = -1;
        u.p_nodeid = d->nodeid;
        u.p_proxy = parm.parm_pxid;
        u.p_lpid = u.p_vpid = pair->bound && pair->tid[role] ? pair->tid[role] : -1;
        int alive = pair->bound && pair->tid[role];
        if (alive) u.p_misc_flags = MISC_PROXY | (pair->flags & (role ? PAIR_RCONN : PAIR_SCONN) ? MISC_CONNECTED : 0);
        u.p_rmtsent = role ? pair->received : pair->sent;
        if (alive) process_name(pair->pid, u.p_name);
        int failed = give(role ? parm.parm_rpx : parm.parm_spx, &u, sizeof(u), _Alignof(proc_usr_t), "proc_usr_t of getproxyinfo");
        if (failed) return failed;
    }
    return 0;
}
