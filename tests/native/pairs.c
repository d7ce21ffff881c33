/* Proxy pairs: registration, connection, end. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>
#include "dvk_standin.h"

/* The pair a thread is of, the last one it was bound to. */
pair_t *pair_of_thread(driver_t *d, pid_t tid, int *role, int *pxid)
{
    pair_t *found = NULL;
    for (int px = 0; px < MAX_PAIRS; px++)
        for (int r = 0; r < 2; r++) {
            pair_t *pair = &d->pair[px];
            if (pair->tid[r] != tid || (found && found->bound_at >= pair->bound_at)) continue;
            found = pair;
            *pxid = px;
            *role = r;
        }
    return found;
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

static int receives_from(driver_t *d, int dcid, const slot_t *s, unsigned long nodes)
{
    slot_t *from = s->wait == W_RECEIVE ? slot_by_endpoint(d, dcid, s->u.p_getfrom) : NULL;
    return from && from->used && from->u.p_rts_flags & RTS_REMOTE && nodes & 1UL << from->u.p_nodeid;
}

/* Local processes whose request a sender proxy took and whose answer will not come, and those that receive from a process there. */
void fail_waiting(driver_t *d, unsigned long nodes, int result)
{
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (s->used && (s->remote ? !s->op && concerns(d, dcid, s, nodes) : receives_from(d, dcid, s, nodes))) finish(d, s, result);
        }
    }
}

/* The loss of the sender's connection fails what was not fetched yet; that of the receiver's, who waits for the peer. */
void disconnect(driver_t *d, int px, int flag)
{
    pair_t *pair = &d->pair[px];
    pair->flags &= ~flag;
    if (flag == PAIR_SCONN) flush_pair(d, px, -1);
    else fail_waiting(d, pair->nodes, EDVSNOTCONN);
    mark_nodes(d, px);
    wake(&pair->futex);
}

/* A node to which nothing leads any more: its processes are unbound, and it leaves its DCs. */
static void end_node(driver_t *d, int nodeid)
{
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (s->used && s->u.p_rts_flags & RTS_REMOTE && s->u.p_nodeid == nodeid) slot_release(d, dcid, s);
        }
        d->dc[dcid].u.dc_nodes &= ~(1UL << nodeid);
    }
    free_node(d, nodeid);
}

/* The first thread that ends frees the pair and its nodes, where neither is connected any more; the other one is asked to follow. */
void pair_thread_gone(call_t *c, int px, int role)
{
    driver_t *d = c->d;
    pair_t *pair = &d->pair[px];
    int other = pair->tid[1 - role], tid = pair->tid[role];
    if (pair->bound && !pair->stuck) {
        disconnect(d, px, role ? PAIR_RCONN : PAIR_SCONN);
        if (c->in->strict) pair->stuck = 1;
        else {
            for (int i = 0; i < MAX_NODES; i++)
                if (pair->nodes & 1UL << i && i != d->nodeid && d->node[i].n_flags == NODE_ATTACHED) end_node(d, i);
            pair->bound = 0;
            pair->nodes = 0;
            if (other != tid) terminate(c, pair->pid, other);
        }
    }
    pair->tid[role] = 0;
    if (!role) flush_pair(d, px, -1);
    wake(&pair->futex);
}

/* Frees a pair from outside. Its threads learn of it at their next call. */
void end_pair(driver_t *d, int px)
{
    pair_t *pair = &d->pair[px];
    disconnect(d, px, PAIR_SCONN);
    disconnect(d, px, PAIR_RCONN);
    for (int role = 0; role < 2; role++) {
        if (pair->tid[role]) pair->left[role] = pair->tid[role];
        pair->tid[role] = 0;
    }
    pair->bound = 0;
    pair->nodes = 0;
    wake(&pair->futex);
}

static int check_pair_name(driver_t *d, const char *name)
{
    for (int px = 0; px < MAX_PAIRS; px++)
        if (d->pair[px].bound && !strcmp(d->pair[px].name, name)) return EDVSRSCBUSY;
    return 0;
}

int call_proxies_bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int dcid;
    char name[NAME_SIZE];
    TAKE(parm_pxbind_t, parm)
    int failed = take_name(parm.parm_name, name, "name of proxies_bind");
    if (failed) return failed;
    if (!valid_node(d, parm.parm_pxid)) return EDVSBADNODEID;
    if (!thread_alive(c->pid, parm.parm_spid) || !thread_alive(c->pid, parm.parm_rpid)) return EDVSBADPID;
    reap(c);
    pair_t *pair = &d->pair[parm.parm_pxid];
    if (pair->stuck) never_return(d);
    if (pair->bound) return EDVSRSCBUSY;
    if ((failed = check_pair_name(d, name))) return failed;
    if (parm.parm_maxbuf > d->dvs.d_max_copybuf) return EDVS2BIG;
    if (parm.parm_maxbuf < 0) return EDVSINVAL;
    if (slot_of_thread(d, parm.parm_spid, 0, &dcid) || slot_of_thread(d, parm.parm_rpid, 0, &dcid)) return EDVSPROCRUN;
    flush_pair(d, parm.parm_pxid, -1);
    uint32_t futex = pair->futex;
    memset(pair, 0, sizeof(*pair));
    pair->futex = futex;
    pair->bound = 1;
    pair->bound_at = ++d->binds;
    pair->flags = PAIR_INUSE;
    pair->maxbuf = parm.parm_maxbuf;
    pair->pid = c->pid;
    pair->tid[0] = parm.parm_spid;
    pair->tid[1] = parm.parm_rpid;
    for (int role = 0; role < 2; role++) thread_name(c->pid, pair->tid[role], pair->thread_name[role]);
    memcpy(pair->name, name, NAME_SIZE);
    return 0;
}

/* The pair a call is about, which must be bound. */
static int find_pair(call_t *c, int px, pair_t **pair)
{
    if (!valid_node(c->d, px)) return EDVSPROXYID;
    *pair = &c->d->pair[px];
    if ((*pair)->stuck) never_return(c->d);
    reap(c);
    return (*pair)->bound ? 0 : EDVSPROXYFREE;
}

/* Waits until the receiver's thread, which is asked to end, has done so; the module waits on even then. A sender that sleeps is let go only
 * after that. */
int call_proxies_unbind(call_t *c, int px)
{
    pair_t *pair;
    int failed = find_pair(c, px, &pair);
    if (failed) return failed;
    pid_t pid = pair->pid, receiver = pair->tid[1];
    unsigned long bound_at = pair->bound_at;
    terminate(c, pid, receiver);
    if (c->in->strict) { pair->stuck = 1; never_return(c->d); }
    pair->bound = 0;
    pair->left[1] = receiver;
    pair->tid[1] = 0;
    disconnect(c->d, px, PAIR_RCONN);
    while (!failed && receiver && receiver != c->tid && thread_alive(pid, receiver)) failed = nap(c->d, &c->d->never, now_ms() + 10);
    if (pair->bound_at == bound_at) end_pair(c->d, px);
    return failed;
}

int call_proxy_conn(call_t *c, void *arg)
{
    TAKE(parm_pxconn_t, parm)
    pair_t *pair;
    int failed = find_pair(c, parm.parm_pxid, &pair);
    if (failed) return failed;
    if (parm.parm_sts < 1 || parm.parm_sts > 4) return EDVSBADVALUE;
    int flag = parm.parm_sts % 2 ? PAIR_SCONN : PAIR_RCONN;
    if (parm.parm_sts > 2) { disconnect(c->d, parm.parm_pxid, flag); return 0; }
    pair->flags |= flag;
    mark_nodes(c->d, parm.parm_pxid);
    wake(&pair->futex);
    return 0;
}

int call_getproxyinfo(call_t *c, void *arg)
{
    TAKE(parm_proxyinfo_t, parm)
    pair_t *pair;
    int failed = find_pair(c, parm.parm_pxid, &pair);
    for (int role = 0; role < 2 && !failed; role++) {
        proc_usr_t u;
        memset(&u, 0, sizeof(u));
        u.p_nr = parm.parm_pxid;
        u.p_endpoint = u.p_getfrom = u.p_sendto = u.p_waitmigr = u.p_waitunbind = u.p_proxy = NONE;
        if (!role && pair->slept) u.p_getfrom = ANY;
        u.p_dcid = u.p_vpid = -1;
        u.p_nodeid = c->d->nodeid;
        u.p_nodemap = pair->nodes;
        u.p_lpid = pair->tid[role];
        u.p_misc_flags = MISC_PROXY | (pair->flags & (role ? PAIR_RCONN : PAIR_SCONN) ? MISC_CONNECTED : 0);
        if (role) u.p_lclsent = pair->received;
        else u.p_rmtsent = pair->sent;
        memcpy(u.p_name, pair->thread_name[role], NAME_SIZE);
        failed = give_record(c, role ? parm.parm_rpx : parm.parm_spx, &u, offsetof(proc_usr_t, p_cpumask), _Alignof(proc_usr_t),
            "proc_usr_t of getproxyinfo");
    }
    return failed;
}
